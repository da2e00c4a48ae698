"""What the owner reads about sign-ins to their account, and which browsers are known."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.devices import Browser
from servicekonto.accounts.history_models import KnownDevice, Method, Outcome, SignInRecord
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core import retention
from servicekonto.core.db import db, execute, table_of
from servicekonto.core.ids import new_id
from servicekonto.core.sealing import blind_index

PAGE_SIZE = 50
_TOKEN_BYTES = 32

_record, _known = table_of(SignInRecord), table_of(KnownDevice)
_ATTEMPT = sa.insert(_record)
_SETTLE = (
    sa.update(_record)
    .where(_record.c.id == sa.bindparam("record"))
    .values({name: sa.bindparam(name) for name in ("outcome", "method", "level")})
)
_is_this_browser = _known.c.token_hash == sa.bindparam("fingerprint")
_SETTLE_AND_LOOK = _SETTLE.returning(
    sa.select(_known.c.last_seen_at).where(_is_this_browser).scalar_subquery()
)
_SEE_AGAIN = (
    sa.update(_known)
    .where(_is_this_browser)
    .values(last_seen_at=sa.bindparam("at"), device=sa.bindparam("device"))
)

SEEN_EVERY = timedelta(days=1)

Key = tuple[datetime, UUID]
"""Where an entry stands in the list."""


@dataclass(frozen=True)
class Page:
    """``after`` leads to the next page; None on the last."""

    records: Sequence[SignInRecord]
    after: Key | None


def attempt(account_id: UUID, method: Method, *, device: str | None, at: datetime) -> UUID:
    """Noted as refused until the check has ended: what dies in between was no sign-in."""
    record_id = new_id()
    values = {"id": record_id, "account_id": account_id, "at": at, "method": method, "device": device}
    execute(_ATTEMPT, {**values, "outcome": Outcome.REFUSED})
    return record_id


def settle(record_id: UUID, outcome: Outcome, method: Method, level: AssuranceLevel) -> None:
    values = {"record": record_id, "outcome": outcome, "method": method, "level": level}
    execute(_SETTLE, values)


def signed_in(
    record_id: UUID,
    account_id: UUID,
    method: Method,
    level: AssuranceLevel,
    *,
    browser: Browser,
    at: datetime,
) -> tuple[str, bool]:
    """Settles the attempt. The token of the browser's long-lived cookie, and whether this account has not
    been used in it before.

    The very first browser of an account is no news to anybody. When one was used last is noted once a day.
    """
    token = browser.known_as or secrets.token_urlsafe(_TOKEN_BYTES)
    fingerprint = blind_index(f"device.{account_id}", token)
    outcome = {"record": record_id, "outcome": Outcome.SIGNED_IN, "method": method, "level": level}
    seen_at = execute(_SETTLE_AND_LOOK, {**outcome, "fingerprint": fingerprint}).scalar_one()
    if seen_at is None:
        return token, _meet(account_id, fingerprint, device=browser.device, at=at)
    if at - seen_at >= SEEN_EVERY or at < seen_at:
        execute(_SEE_AGAIN, {"fingerprint": fingerprint, "at": at, "device": browser.device})
    return token, False


def was_proved_by(account_id: UUID, method: Method, *, at: datetime) -> bool:
    """Whether the owner has proved at this very moment, by this, who they are. ``at``: as a session keeps it;
    it and the record take the moment from the same proof.
    """
    found = sa.exists().where(
        SignInRecord.account_id == account_id,
        SignInRecord.at == at,
        SignInRecord.method == method,
        SignInRecord.outcome != Outcome.REFUSED,
    )
    return bool(db.session.scalar(sa.select(found)))


def records_of(account: Account, after: Key | None) -> Page:
    """The newest first."""
    query = (
        sa.select(SignInRecord)
        .where(SignInRecord.account_id == account.id)
        .order_by(SignInRecord.at.desc(), SignInRecord.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if after is not None:
        moment, record_id = after
        key = sa.tuple_(sa.literal(moment, SignInRecord.at.type), sa.literal(record_id, SignInRecord.id.type))
        query = query.where(sa.tuple_(SignInRecord.at, SignInRecord.id) < key)
    found = db.session.scalars(query).all()
    page = found[:PAGE_SIZE]
    return Page(page, (page[-1].at, page[-1].id) if len(found) > PAGE_SIZE else None)


def forget_devices(account: Account) -> None:
    db.session.execute(sa.delete(KnownDevice).where(KnownDevice.account_id == account.id))


def purge(*, at: datetime) -> None:
    for statement in (
        sa.delete(SignInRecord).where(SignInRecord.at < at - retention.SIGN_INS.kept),
        sa.delete(KnownDevice).where(KnownDevice.last_seen_at < at - retention.DEVICES.kept),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})


def _meet(account_id: UUID, fingerprint: bytes, *, device: str | None, at: datetime) -> bool:
    """Whether the account had been used in another browser."""
    had_one = bool(db.session.scalar(sa.select(sa.exists().where(KnownDevice.account_id == account_id))))
    db.session.add(
        KnownDevice(
            account_id=account_id, token_hash=fingerprint, device=device, first_seen_at=at, last_seen_at=at
        )
    )
    db.session.flush()
    return had_one
