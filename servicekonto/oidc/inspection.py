"""What a website may ask about a token (RFC 7662), and how it gives one back (RFC 7009).

Access and refresh tokens have different forms, so no hint about the kind is needed; it is not looked at.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.sealing import token_hash
from servicekonto.core.settings import settings
from servicekonto.oidc import dpop, grants, refresh, subjects
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.models import AccessToken, Grant, RefreshToken

INACTIVE: dict[str, object] = {"active": False}
"""Unknown, run out, ended, or somebody else's: nobody learns which."""


class ForeignTokenError(Exception):
    """It was issued to another client (RFC 7009 § 2.1)."""


def described(token: str, asking: Client, *, at: datetime) -> dict[str, object]:
    """``asking``: a client that has proved who it is."""
    family = refresh.family_of(token)
    row = db.session.execute(
        _ACCESS if family is None else _REFRESH,
        {"hash": token_hash(token), "family": token_hash(family or ""), "at": at},
    ).one_or_none()
    if row is None or (row.owner != asking.id and (family is not None or not asking.introspects_all)):
        return INACTIVE
    kind = {**dpop.confirmation(row.jkt), "iat": int(row.created_at.timestamp())} if family is None else {}
    return {
        "active": True,
        "scope": " ".join(row.granted if row.narrowed is None else row.narrowed),
        "client_id": row.client_id,
        "sub": row.sub if row.owner == asking.id else _subject_for(asking, row),
        "iss": settings().base_url,
        "exp": int(row.expires_at.timestamp()),
        **kind,
    }


def revoke(token: str, client: Client, *, at: datetime) -> None:
    """A refresh token takes its grant along, with everything that came of it; an access token goes alone.
    What is not there is gone already. Raises ForeignTokenError.
    """
    family = refresh.family_of(token)
    if family is None:
        _revoke_access_token(token, client)
        return
    row = db.session.scalar(
        sa.select(RefreshToken)
        .options(sa.orm.joinedload(RefreshToken.grant))
        .where(RefreshToken.family_hash == token_hash(family))
    )
    if row is not None:
        _assert_own(client, row.grant.client_id)
        grants.revoke(row.grant, at=at)


def _revoke_access_token(token: str, client: Client) -> None:
    found = db.session.execute(
        sa.select(AccessToken.id, Grant.client_id)
        .join(Grant, Grant.id == AccessToken.grant_id)
        .where(AccessToken.token_hash == token_hash(token))
    ).one_or_none()
    if found is not None:
        _assert_own(client, found.client_id)
        db.session.execute(sa.delete(AccessToken).where(AccessToken.id == found.id))


def _assert_own(client: Client, owner: object) -> None:
    if owner != client.id:
        raise ForeignTokenError


def _subject_for(asking: Client, row: sa.Row[Any]) -> str:
    """As the asking website knows the person, never as another one does."""
    if subjects.sector_of(asking) == subjects.sector(row.subject_type, row.sector_identifier):
        return str(row.sub)
    with unit_of_work():  # written the first time
        return subjects.subject_of(db.session.get_one(Account, row.account_id), asking)


def _query(*, is_refresh: bool) -> sa.Select[Any]:
    grant, client, account = (model.__table__ for model in (Grant, Client, Account))
    token = RefreshToken.__table__ if is_refresh else AccessToken.__table__
    is_meant = token.c.token_hash == sa.bindparam("hash")
    if is_refresh:
        is_meant = sa.and_(token.c.family_hash == sa.bindparam("family"), is_meant)
    return (
        sa.select(
            sa.null().label("narrowed") if is_refresh else token.c.scopes.label("narrowed"),
            sa.null().label("created_at") if is_refresh else token.c.created_at,
            token.c.expires_at,
            token.c.jkt,
            grant.c.scopes.label("granted"),
            grant.c.sub,
            grant.c.account_id,
            client.c.id.label("owner"),
            client.c.client_id,
            client.c.subject_type,
            client.c.sector_identifier,
        )
        .join_from(token, grant, grant.c.id == token.c.grant_id)
        .join(client, client.c.id == grant.c.client_id)
        .join(account, account.c.id == grant.c.account_id)
        .where(
            is_meant,
            token.c.expires_at > sa.bindparam("at"),
            grant.c.revoked_at.is_(None),
            client.c.disabled_at.is_(None),
            account.c.locked_at.is_(None),
        )
    )


_ACCESS, _REFRESH = _query(is_refresh=False), _query(is_refresh=True)
