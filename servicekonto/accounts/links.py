"""One-time links: 256 bits, stored hashed, used once, even by two clicks at the same moment."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.models import Account, OneTimeLink, OneTimeLinkPurpose
from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError
from servicekonto.core.sealing import token_hash

TOKEN_BYTES = 32
VALIDITY: dict[OneTimeLinkPurpose, timedelta] = {
    OneTimeLinkPurpose.CONFIRM_EMAIL: timedelta(hours=24),
    OneTimeLinkPurpose.CONFIRM_NEW_EMAIL: timedelta(hours=24),
    OneTimeLinkPurpose.RESET_PASSWORD: timedelta(minutes=60),
    OneTimeLinkPurpose.RESET_ACCOUNT: timedelta(hours=24),
    OneTimeLinkPurpose.FINISH_RESET: timedelta(days=3),
    OneTimeLinkPurpose.STOP_RESET: timedelta(days=10),
    OneTimeLinkPurpose.THAT_WAS_NOT_ME: timedelta(days=10),
}
# They protect: whoever has taken an account over must not be able to withdraw them.
PROTECTING = (OneTimeLinkPurpose.STOP_RESET, OneTimeLinkPurpose.THAT_WAS_NOT_ME)


def issue(
    account: Account,
    purpose: OneTimeLinkPurpose,
    *,
    at: datetime,
    password_hash: str | None = None,
    subject_id: UUID | None = None,
) -> str:
    """The token for the mail; it exists nowhere else."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    db.session.add(
        OneTimeLink(
            account_id=account.id,
            purpose=purpose,
            token_hash=token_hash(token),
            password_hash=password_hash,
            subject_id=subject_id,
            created_at=at,
            expires_at=at + VALIDITY[purpose],
        )
    )
    db.session.flush()
    return token


def find(token: str, purpose: OneTimeLinkPurpose, *, at: datetime) -> OneTimeLink | None:
    """Without using it. None for unknown, used and expired ones alike."""
    return db.session.scalar(sa.select(OneTimeLink).where(*_valid(token, purpose, at=at)))


def redeem(token: str, purpose: OneTimeLinkPurpose, *, at: datetime) -> OneTimeLink:
    """Use it up. Raises NotFoundError for unknown, used and expired ones alike."""
    link = db.session.scalar(
        sa.update(OneTimeLink)
        .where(*_valid(token, purpose, at=at))
        .values(used_at=at)
        .returning(OneTimeLink)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if link is None:
        raise NotFoundError("link")
    return link


def withdraw_all(account: Account, *, at: datetime, also_protecting: bool = False) -> None:
    """None of the links sent so far works any more, but for those that protect. ``also_protecting``: these
    too, because somebody has looked at who the owner is.
    """
    is_withdrawn = sa.true() if also_protecting else OneTimeLink.purpose.not_in(PROTECTING)
    db.session.execute(
        sa.update(OneTimeLink)
        .where(OneTimeLink.account_id == account.id, OneTimeLink.used_at.is_(None), is_withdrawn)
        .values(used_at=at)
    )


def withdraw(
    account: Account, purpose: OneTimeLinkPurpose, *, at: datetime, sent_after: datetime | None = None
) -> None:
    conditions = [*_unused(account, purpose)]
    if sent_after is not None:
        conditions.append(OneTimeLink.created_at > sent_after)
    db.session.execute(sa.update(OneTimeLink).where(*conditions).values(used_at=at))


def prolong(account: Account, purpose: OneTimeLinkPurpose, *, until: datetime, at: datetime) -> None:
    """Those that are still good, and not longer already."""
    db.session.execute(
        sa.update(OneTimeLink)
        .where(*_unused(account, purpose), OneTimeLink.expires_at > at, OneTimeLink.expires_at < until)
        .values(expires_at=until)
    )


def _unused(account: Account, purpose: OneTimeLinkPurpose) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        OneTimeLink.account_id == account.id,
        OneTimeLink.purpose == purpose,
        OneTimeLink.used_at.is_(None),
    )


def _valid(token: str, purpose: OneTimeLinkPurpose, *, at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        OneTimeLink.token_hash == token_hash(token),
        OneTimeLink.purpose == purpose,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > at,
    )
