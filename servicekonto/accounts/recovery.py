"""The ways back into an account, and out of a stranger's hands: another address, "that was not me", and
starting anew when everything is lost.

None of them gives a level: what was verified about the person is not known surely any more afterwards.
"""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from servicekonto import audit
from servicekonto.accounts import (
    addresses,
    commands,
    ending,
    events,
    factors,
    history,
    holding,
    links,
    queries,
    sessions,
    throttle,
)
from servicekonto.accounts.factor_models import FactorKind, PasswordCredential
from servicekonto.accounts.models import Account, AccountKind, OneTimeLink, OneTimeLinkPurpose
from servicekonto.accounts.recovery_models import AccountReset, EmailChange
from servicekonto.audit import Action
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, NotFoundError
from servicekonto.core.events import publish

WAITING = timedelta(days=7)
SECOND_NOTICE = timedelta(days=1)  # so long before the end
SUSPICIOUS = timedelta(days=1)  # factors this much older than the mail may be the stranger's too


def request_email_change(account: Account, new: str, *, by_session: UUID | None = None, at: datetime) -> None:
    """``new`` in its normalised form. Neither the answer nor the mail to the present address tells whether it
    belongs to another account. What was asked for before cannot be confirmed any more.

    ``by_session``: of the browser that asks. Raises ThrottledError, and MeanwhileError when the owner has
    just taken the account back.
    """
    throttle.record(throttle.email_change_attempt(account.id), at=at)
    holding.hold_for(account, by_session)
    links.withdraw(account, OneTimeLinkPurpose.CONFIRM_NEW_EMAIL, at=at)
    other = queries.by_email(new)
    if other is not None and other.id == account.id:
        return
    change = EmailChange(account=account, account_id=account.id, requested_at=at)
    change.old, change.new = account.email, new
    db.session.add(change)
    db.session.flush()
    is_taken = other is not None and other.confirmed_at is not None
    if other is not None and is_taken:
        publish(events.RegistrationForExistingAddress(subject_id=other.id, actor_id=None, occurred_at=at))
    publish(
        events.EmailChangeRequested(
            subject_id=account.id,
            actor_id=account.id,
            occurred_at=at,
            change_id=change.id,
            link_token=None if is_taken else _link_for(change, at=at),
        )
    )


def _link_for(change: EmailChange, *, at: datetime) -> str:
    return links.issue(change.account, OneTimeLinkPurpose.CONFIRM_NEW_EMAIL, at=at, subject_id=change.id)


def confirm_email_change(token: str, *, at: datetime) -> None:
    """NotFoundError for a bad link, ConflictError when somebody has taken the address in the meantime.

    What was sent to the old address leads nowhere from now on, but for "that was not me". A reset was asked
    for from there, so it ends: whoever changes the address can sign in.
    """
    account, link = holding.redeem(token, OneTimeLinkPurpose.CONFIRM_NEW_EMAIL, at=at)
    change = _confirmable(account, link)
    take_address(account, change.new or "")
    change.confirmed_at = at
    links.withdraw_all(account, at=at)
    links.withdraw(account, OneTimeLinkPurpose.STOP_RESET, at=at)
    _record(Action.EMAIL_CHANGED, account, by=account, at=at)
    publish(
        events.EmailChanged(
            subject_id=account.id,
            actor_id=account.id,
            occurred_at=at,
            change_id=change.id,
            reset_ended=stop_reset(account, at=at),
        )
    )


def secure(token: str, *, at: datetime) -> None:
    """Somebody read a mail about their account and says: that was not me.

    Nobody is signed in any more, the password and every factor of the last days are locked, a changed address
    is changed back, an end that was announced does not come. A new password leads in again.
    """
    account, link = holding.redeem(token, OneTimeLinkPurpose.THAT_WAS_NOT_ME, at=at)
    _lock_everything_new(account, since=link.created_at - SUSPICIOUS, by=account, at=at)
    was_ending = ending.stop(account, at=at)  # opens the account; without its address it is closed again
    has_the_mailbox = _revert_email(account, link, at=at)
    sessions.end_all(account, at=at)
    links.withdraw_all(account, at=at)
    history.forget_devices(account)
    db.session.execute(sa.delete(AccountReset).where(AccountReset.account_id == account.id))
    _record(Action.PASSWORD_DISABLED, account, by=account, at=at)
    _taken_back(account, at=at)
    if not has_the_mailbox or account.locked_at is not None:  # closed before: a mail would reach the stranger
        return
    new_password = links.issue(account, OneTimeLinkPurpose.RESET_PASSWORD, at=at)
    publish(
        events.AccountSecured(
            subject_id=account.id,
            actor_id=account.id,
            occurred_at=at,
            link_token=new_password,
            deletion_stopped=was_ending,
        )
    )


def ask_for_reset(email: str, *, at: datetime) -> None:
    """For citizens. Staff and operators turn to whoever administers their accounts."""
    account = queries.by_email(email)
    if account is None or account.kind is not AccountKind.CITIZEN or account.locked_at is not None:
        return
    if account.confirmed_at is None or throttle.is_exhausted(throttle.MAIL_ACCOUNT, str(account.id), at=at):
        return
    token = links.issue(account, OneTimeLinkPurpose.RESET_ACCOUNT, at=at)
    publish(events.ResetAsked(subject_id=account.id, actor_id=None, occurred_at=at, link_token=token))


def begin_reset(token: str, *, at: datetime) -> None:
    """The waiting period runs. Beginning again does not shorten it."""
    account, _link = holding.redeem(token, OneTimeLinkPurpose.RESET_ACCOUNT, at=at)
    if reset_of(account) is not None:
        return
    reset = AccountReset(account_id=account.id, requested_at=at, possible_from=at + WAITING)
    db.session.add(reset)
    db.session.flush()
    _record(Action.RESET_REQUESTED, account, by=account, at=at)
    announce_reset(account, reset, at=at)


def announce_reset(account: Account, reset: AccountReset, *, at: datetime) -> None:
    token = links.issue(account, OneTimeLinkPurpose.STOP_RESET, at=at)
    publish(
        events.ResetAnnounced(
            subject_id=account.id,
            actor_id=None,
            occurred_at=at,
            possible_from=reset.possible_from,
            link_token=token,
        )
    )


def stop_reset_by_link(token: str, *, at: datetime) -> None:
    account, _link = holding.redeem(token, OneTimeLinkPurpose.STOP_RESET, at=at)
    stop_reset(account, at=at)


def stop_reset(account: Account, *, at: datetime) -> bool:
    """Whether one ran: otherwise this changes nothing."""
    reset = reset_of(account)
    if reset is None:
        return False
    db.session.delete(reset)
    links.withdraw(account, OneTimeLinkPurpose.FINISH_RESET, at=at)
    _record(Action.RESET_STOPPED, account, by=account, at=at)
    return True


def finish_reset(token: str, *, encoded_hash: str, at: datetime) -> None:
    """A new password, no second factor, nothing verified. Raises NotFoundError for a bad link."""
    account, _link = holding.redeem(token, OneTimeLinkPurpose.FINISH_RESET, at=at)
    reset = reset_of(account)
    if reset is None or reset.possible_from > at:
        raise NotFoundError("reset")
    db.session.delete(reset)
    factors.remove_all_second(account, by=account, at=at)
    commands.set_password(account, encoded_hash, at=at)
    sessions.end_all(account, at=at)
    links.withdraw_all(account, at=at)
    _record(Action.RESET_DONE, account, by=account, at=at)
    _taken_back(account, at=at)
    publish(events.PasswordChanged(subject_id=account.id, actor_id=account.id, occurred_at=at, by_reset=True))


def _taken_back(account: Account, *, at: datetime) -> None:
    publish(events.AccountTakenBack(subject_id=account.id, actor_id=account.id, occurred_at=at))


def reset_of(account: Account) -> AccountReset | None:
    return db.session.scalar(sa.select(AccountReset).where(AccountReset.account_id == account.id))


def remind_of_resets(*, at: datetime) -> None:
    """For the worker: the second notice, the link that finishes, and the end of what nobody finished."""
    due = sa.select(AccountReset).where(AccountReset.possible_from <= at + SECOND_NOTICE)
    for reset in db.session.scalars(due.with_for_update(skip_locked=True)).all():
        account = queries.get(reset.account_id)
        if at >= reset.possible_from + links.VALIDITY[OneTimeLinkPurpose.FINISH_RESET]:
            db.session.delete(reset)
        elif at >= reset.possible_from and reset.notified < 2:
            reset.notified = 2
            token = links.issue(account, OneTimeLinkPurpose.FINISH_RESET, at=at)
            publish(
                events.ResetPossible(subject_id=account.id, actor_id=None, occurred_at=at, link_token=token)
            )
        elif reset.notified < 1:
            reset.notified = 1
            announce_reset(account, reset, at=at)
    db.session.flush()


def reset_factors(account: Account, *, by: Account | None, at: datetime) -> None:
    """Of somebody who works for an authority or for the operator, by whoever administers them. The password
    stays.
    """
    factors.remove_all_second(account, by=by, at=at)
    sessions.end_all(account, at=at)
    publish(events.FactorsReset(subject_id=account.id, actor_id=by.id if by else None, occurred_at=at))


def close(account: Account, *, by: Account | None, at: datetime, since: datetime | None = None) -> None:
    """To everybody, until somebody on the machine opens it (``reopening``). Dated anew: the link that stops a
    deletion opens only its own lock. ``since``: factors added from then on stay locked afterwards.
    """
    holding.hold(account)
    if since is not None:
        _lock_everything_new(account, since=since, by=by, at=at)
    account.locked_at = at
    commands.lock(account, at=at)
    db.session.execute(sa.delete(AccountReset).where(AccountReset.account_id == account.id))
    _record(Action.ACCOUNT_LOCKED, account, by=by, at=at)


def _lock_everything_new(account: Account, *, since: datetime, by: Account | None, at: datetime) -> None:
    """A locked factor is still asked for: when only the stranger has set one up, it goes, or else the owner
    would stay outside with their new password. Staff and operators turn to their administrators instead.
    """
    found = [factor for kind in FactorKind for factor in factors.factors_of(account, kind)]
    for factor in found:
        if _is_new(factor, since) and factor.locked_at is None:
            factor.locked_at = at
    db.session.flush()
    asked_for = [factor for factor in found if isinstance(factor, factors.SECOND) and factor.confirmed_at]
    if account.kind is not AccountKind.CITIZEN or not asked_for:
        return
    if all(_is_new(factor, since) for factor in asked_for):
        factors.remove_all_second(account, by=by, at=at)


def _is_new(factor: factors.Factor, since: datetime) -> bool:
    return isinstance(factor, PasswordCredential) or factor.created_at >= since


def _revert_email(account: Account, link: OneTimeLink, *, at: datetime) -> bool:
    """Back to the address the mail went to, whatever it was changed to afterwards. False when that cannot
    be. What was only asked for can be confirmed no more.
    """
    first = _first_change_since(account, link.created_at)
    db.session.execute(
        sa.update(EmailChange)
        .where(
            EmailChange.account_id == account.id,
            EmailChange.reverted_at.is_(None),
            sa.or_(EmailChange.confirmed_at.is_(None), EmailChange.confirmed_at >= link.created_at),
        )
        .values(reverted_at=at)
    )
    return first is None or _take_back(account, first, at=at)


def _first_change_since(account: Account, since: datetime) -> EmailChange | None:
    """A mail about a change is as old as the request or the confirmation, so it finds its own change too, or
    the one that came about instead.
    """
    return db.session.scalar(
        sa.select(EmailChange)
        .where(
            EmailChange.account_id == account.id,
            EmailChange.confirmed_at >= since,
            EmailChange.reverted_at.is_(None),
        )
        .order_by(EmailChange.confirmed_at)
        .limit(1)
    )


def _take_back(account: Account, change: EmailChange, *, at: datetime) -> bool:
    """When the old address belongs to another account, this one is closed to everybody: a link to its present
    address would lead the stranger in. What was sent to the new one since protects nobody but them.
    """
    links.withdraw(account, OneTimeLinkPurpose.THAT_WAS_NOT_ME, at=at, sent_after=change.confirmed_at)
    try:
        take_address(account, change.old or "")
    except ConflictError:
        close(account, by=account, at=at)
        publish(
            events.AccountClosed(
                subject_id=account.id, actor_id=account.id, occurred_at=at, change_id=change.id
            )
        )
        return False
    return True


def take_address(account: Account, address: str) -> None:
    """A registration that nobody confirmed gives way to whoever reads the mailbox. ConflictError when it
    belongs to another account.
    """
    db.session.execute(
        sa.delete(Account).where(
            Account.email_index == addresses.fingerprint(address),
            Account.id != account.id,
            Account.confirmed_at.is_(None),
        ),
        execution_options={"synchronize_session": False},
    )
    try:
        with db.session.begin_nested():
            account.email, account.email_index = address, addresses.fingerprint(address)
    except IntegrityError as error:
        raise ConflictError("email") from error


def _confirmable(account: Account, link: OneTimeLink) -> EmailChange:
    """Only the newest request is."""
    newest = db.session.scalar(
        sa.select(EmailChange)
        .where(EmailChange.account_id == account.id)
        .order_by(EmailChange.requested_at.desc(), EmailChange.id.desc())
        .limit(1)
    )
    if newest is None or newest.id != link.subject_id or newest.confirmed_at or newest.reverted_at:
        raise NotFoundError("link")
    return newest


def _record(action: Action, account: Account, *, by: Account | None, at: datetime) -> None:
    audit.record(action, account.id, authority_id=None, by=by, at=at, account_id=account.id)


def change_of(change_id: UUID) -> EmailChange:
    return db.session.get_one(EmailChange, change_id)
