"""Accounts that nobody uses end after two years, announced two months before (§ 8 (7) OZG).

It counts from the last sign-in. A request that an authority is still working on stops it. Nobody loses an
account without all reminders: when they begin late, the end is late too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.models import Account, AccountKind
from servicekonto.core import retention
from servicekonto.core.db import UtcDateTime, db
from servicekonto.core.events import publish
from servicekonto.data_protection import queries
from servicekonto.data_protection.commands import deletion
from servicekonto.data_protection.events import AccountUnused
from servicekonto.data_protection.models import DeletionCause, InactivityNotice

FIRST = max(retention.INACTIVITY_REMINDERS)
_LAST_USE = sa.func.coalesce(
    Account.last_signed_in_at, Account.confirmed_at, Account.created_at, type_=UtcDateTime()
)


def candidates(*, at: datetime) -> list[UUID]:
    """Accounts that are so long unused that something may be due."""
    begins = at - retention.INACTIVE.kept + timedelta(days=FIRST)
    return list(
        db.session.scalars(sa.select(Account.id).where(begins >= _LAST_USE, *_may_end()).order_by(Account.id))
    )


def treat(account_id: UUID, *, at: datetime) -> bool:
    """Remind or delete, whatever is due, in the current transaction. True: it was deleted."""
    account = db.session.scalar(
        sa.select(Account).where(Account.id == account_id, *_may_end()).with_for_update(of=Account)
    )
    if account is None or queries.running_requests(account):
        return False
    end = _end_of(account, at=at)
    if end.is_over(at):
        deletion.delete_now(account, cause=DeletionCause.INACTIVITY, at=at)
        return True
    due = [days for days in end.missing if at >= end.at - timedelta(days=days)]
    if due:
        _remind(account, due, ends_at=end.at, at=at)
    return False


def is_over(account_id: UUID, *, at: datetime) -> bool:
    """Whether ``treat`` would delete it now."""
    account = db.session.get_one(Account, account_id)
    return _end_of(account, at=at).is_over(at) and not queries.running_requests(account)


@dataclass(frozen=True)
class _End:
    """``missing``: reminders that have not been sent, as days before."""

    at: datetime
    missing: Sequence[int]

    def is_over(self, at: datetime) -> bool:
        return not self.missing and at >= self.at


def _end_of(account: Account, *, at: datetime) -> _End:
    since = _last_use(account)
    sent = _notices(account, since)
    return _End(
        max(since + retention.INACTIVE.kept, sent.get(FIRST, at) + timedelta(days=FIRST)),
        [days for days in retention.INACTIVITY_REMINDERS if days not in sent],
    )


def _may_end() -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Account.kind == AccountKind.CITIZEN,
        Account.confirmed_at.is_not(None),
        Account.locked_at.is_(None),
        Account.wrapped_key.is_not(None),
    )


def _last_use(account: Account) -> datetime:
    return account.last_signed_in_at or account.confirmed_at or account.created_at


def _notices(account: Account, since: datetime) -> Mapping[int, datetime]:
    """Days before the end → when it was said, of the reminders about this last use."""
    rows = db.session.execute(
        sa.select(InactivityNotice.days_before, InactivityNotice.sent_at).where(
            InactivityNotice.account_id == account.id, InactivityNotice.counted_from == since
        )
    )
    return {row[0]: row[1] for row in rows}


def _remind(account: Account, due: Sequence[int], *, ends_at: datetime, at: datetime) -> None:
    """One mail, even when several are overdue."""
    since = _last_use(account)
    for days in due:
        db.session.add(
            InactivityNotice(account_id=account.id, counted_from=since, days_before=days, sent_at=at)
        )
    db.session.flush()
    publish(AccountUnused(subject_id=account.id, actor_id=None, occurred_at=at, ends_at=ends_at))
