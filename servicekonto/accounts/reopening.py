"""The ways back that nobody can go alone: somebody on the machine opens them, after looking at who asks.

``reference`` leads to what was written down about that; the trail itself holds no names and no texts.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from servicekonto import audit
from servicekonto.accounts import addresses, events, history, links, queries, recovery, sessions
from servicekonto.accounts.models import Account, OneTimeLinkPurpose
from servicekonto.accounts.recovery_models import EmailChange
from servicekonto.audit import Action
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError
from servicekonto.core.events import publish


def reset_operator(account: Account, *, reference: str, at: datetime) -> None:
    """On the machine: nobody administers operators. ``reference`` to what was written down about it."""
    recovery.reset_factors(account, by=None, at=at)
    _record(Action.FACTORS_RESET, account, at=at, reference=reference)


def locked_with(address: str) -> list[Account]:
    """Locked accounts that have this (normalised) address, or had it before a change that was disavowed.
    Former addresses are sealed one by one and have no fingerprint: all of them are opened.
    """
    wanted = addresses.fingerprint(address)
    is_locked = sa.and_(Account.locked_at.is_not(None), Account.confirmed_at.is_not(None))
    found = set(db.session.scalars(sa.select(Account).where(is_locked, Account.email_index == wanted)))
    disavowed = (
        sa.select(EmailChange)
        .join(EmailChange.account)
        .options(contains_eager(EmailChange.account))
        .where(is_locked, EmailChange.reverted_at.is_not(None))
    )
    for change in db.session.scalars(disavowed):
        if addresses.fingerprint(change.old or "") == wanted:
            found.add(change.account)
    return sorted(found, key=lambda account: account.id)


def reopen(account: Account, address: str, *, reference: str, at: datetime) -> None:
    """For somebody who was identified as the owner. The password is locked: the link that is sent to
    ``address`` (normalised) leads to a new one. Second factors stay, and what "that was not me" has locked
    stays locked.

    Raises ConflictError when the address belongs to another account, or this one is not locked.
    """
    if account.locked_at is None:
        raise ConflictError("not locked")
    change = _give_address(account, address, at=at)
    account.locked_at = None
    _lock_password(account, at=at)
    sessions.end_all(account, at=at)
    links.withdraw_all(account, at=at, also_protecting=True)
    history.forget_devices(account)
    _record(Action.ACCOUNT_UNLOCKED, account, at=at, reference=reference)
    publish(events.AccountTakenBack(subject_id=account.id, actor_id=None, occurred_at=at))
    token = links.issue(account, OneTimeLinkPurpose.RESET_PASSWORD, at=at)
    publish(
        events.AccountReopened(
            subject_id=account.id,
            actor_id=None,
            occurred_at=at,
            link_token=token,
            change_id=change.id if change else None,
        )
    )


def _give_address(account: Account, address: str, *, at: datetime) -> EmailChange | None:
    """None when it has this address already: then it was not the owner who disavowed it."""
    old = account.email
    if addresses.fingerprint(address) == account.email_index:
        return None
    recovery.take_address(account, address)
    change = EmailChange(account=account, account_id=account.id, requested_at=at, confirmed_at=at)
    change.old, change.new = old, address
    db.session.add(change)
    db.session.flush()
    _record(Action.EMAIL_CHANGED, account, at=at)
    return change


def _lock_password(account: Account, *, at: datetime) -> None:
    credential = queries.password_credential(account)
    if credential is not None:
        credential.locked_at = credential.locked_at or at
        db.session.flush()


def _record(action: Action, account: Account, *, at: datetime, **payload: str) -> None:
    audit.record(action, account.id, authority_id=None, by=None, at=at, account_id=account.id, **payload)
