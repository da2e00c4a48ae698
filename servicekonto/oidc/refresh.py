"""Refresh tokens: a new one each time, and the use of an old one ends the grant (RFC 9700 § 4.14.2).

There is no grace for an answer that was lost: who comes twice with the same token cannot be told from a
thief. Reasons and lifetimes: ``docs/decisions/2026-11-29-refresh-tokens.md``.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from servicekonto.core import clock, retention
from servicekonto.core.db import db, table_of
from servicekonto.core.ids import new_timeless_id
from servicekonto.core.sealing import token_hash
from servicekonto.oidc import exchangeable, grants, thefts
from servicekonto.oidc.capabilities import OFFLINE_ACCESS
from servicekonto.oidc.client_models import Client, ClientKind
from servicekonto.oidc.models import Grant, RefreshToken

IDLE = timedelta(days=30)
"""So long a token may lie unused, and then to the end of the day."""

LONGEST = retention.OFFLINE_ACCESS.kept
"""Not longer after the consent the last one ends, however often they are used: the days are counted whole."""

PART_BYTES = 32
_FORM = re.compile(r"([A-Za-z0-9_-]{43})\.[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Presented:
    """A token that may be exchanged. ``kid``: of the key that signs for this client at the moment.
    ``last_used_at``: as noted with the consent.
    """

    row: RefreshToken
    family: str
    hash: bytes
    kid: str | None
    last_used_at: datetime | None


def is_allowed(grant: Grant) -> bool:
    return OFFLINE_ACCESS in grant.scopes and grant.client.offline_access


def issue(grant: Grant, *, jkt: str | None, at: datetime) -> str:
    """The first of its family. ``jkt``: of the key that came with the code. An app, which has nothing else to
    prove who it is, is bound to it (RFC 9449 § 5).
    """
    family, token = _made(secrets.token_urlsafe(PART_BYTES))
    db.session.execute(
        _ADD,
        {
            "id": new_timeless_id(),
            "grant_id": grant.id,
            "family_hash": token_hash(family),
            "token_hash": token_hash(token),
            "jkt": jkt if grant.client.kind is ClientKind.PUBLIC else None,
            "expires_at": expiry(grant, at),
        },
    )
    return token


def present(token: str, client: Client, *, at: datetime) -> Presented | None:
    """None for what is no token of this client, or ran out. One that was used before ends its grant."""
    family = family_of(token)
    if family is None:
        return None
    found = exchangeable.find(RefreshToken, family, client)
    if found is None:
        return None
    row = found.row
    presented = Presented(row, family, token_hash(token), found.kid, found.last_used_at)
    if not hmac.compare_digest(row.token_hash, presented.hash):
        _end(row.grant, at=at)
        return None
    return presented if row.expires_at > at and grants.is_alive(row.grant) else None


def family_of(token: str) -> str | None:
    """What all tokens of its family begin with. None for what is no refresh token."""
    match = _FORM.fullmatch(token)
    return match[1] if match else None


def rotate(presented: Presented, *, at: datetime) -> str | None:
    """The next one. None when another request came with the same token a moment before: that ends the
    grant.
    """
    row = presented.row
    _family, token = _made(presented.family)
    values = {
        "row_id": row.id,
        "old": presented.hash,
        "new": token_hash(token),
        "ends": expiry(row.grant, at),
    }
    done = db.session.execute(_ROTATE, values)
    if done.rowcount != 1:  # type: ignore[attr-defined]
        _end(row.grant, at=at)
        return None
    if grants.is_to_be_noted(presented.last_used_at, at=at):
        grants.note_use(row.grant, at=at)
    return token


def _end(grant: Grant, *, at: datetime) -> None:
    thefts.notice(thefts.REFRESH_TOKEN, grant, at=at)
    grants.revoke(grant, at=at)


def _rotation() -> sa.Update:
    table = table_of(RefreshToken)
    return (
        sa.update(table)
        .where(table.c.id == sa.bindparam("row_id"), table.c.token_hash == sa.bindparam("old"))
        .values(token_hash=sa.bindparam("new"), expires_at=sa.bindparam("ends"))
    )


_ADD = sa.insert(table_of(RefreshToken))
_ROTATE = _rotation()


def _made(family: str) -> tuple[str, str]:
    return family, f"{family}.{secrets.token_urlsafe(PART_BYTES)}"


def expiry(grant: Grant, at: datetime) -> datetime:
    """A midnight: were it exact, it would tell the moment at which the website was here."""
    begun = clock.begin_of_day(grant.created_at)
    idle_until = clock.begin_of_day(at + IDLE + timedelta(days=1) - timedelta.resolution)
    return min(idle_until, begun + LONGEST)
