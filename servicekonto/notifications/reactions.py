"""Which event tells whom what. To add a notification: one row here, one file in ``templates/mails/``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from servicekonto.accounts import events as accounts
from servicekonto.accounts import links
from servicekonto.accounts.models import Account, OneTimeLinkPurpose
from servicekonto.accounts.recovery import change_of
from servicekonto.authorities import events as authorities
from servicekonto.authorities.models import StaffInvitation
from servicekonto.core.db import db
from servicekonto.core.events import DomainEvent, react_to
from servicekonto.data_protection import events as data_protection
from servicekonto.notifications import mails
from servicekonto.notifications.mails import Addressee
from servicekonto.postbox import events as postbox
from servicekonto.service_requests import events as service_requests


def the_account_itself(event: DomainEvent) -> UUID:
    return event.subject_id


def whose_request_it_is(event: service_requests.RequestEventPublished) -> UUID:
    return event.account_id


def whose_postbox_it_is(event: postbox.MessageProvided) -> UUID:
    return event.account_id


def who_is_invited(event: authorities.StaffInvited) -> Addressee:
    """Whether the address belongs to an account is not asked."""
    return Addressee(db.session.get_one(StaffInvitation, event.subject_id).email or "")


def the_new_address(event: accounts.EmailChangeRequested | accounts.EmailChanged) -> Addressee:
    change = change_of(event.change_id)
    return Addressee(change.new or "", change.account.language, event.subject_id)


def the_new_address_if_free(event: accounts.EmailChangeRequested) -> Addressee | None:
    return the_new_address(event) if event.link_token is not None else None


def the_old_address(
    event: accounts.EmailChangeRequested | accounts.EmailChanged | accounts.AccountClosed,
) -> Addressee:
    return _old_address(event.change_id)


def the_address_until_now(event: accounts.AccountReopened) -> Addressee | None:
    return _old_address(event.change_id) if event.change_id is not None else None


def _old_address(change_id: UUID) -> Addressee:
    change = change_of(change_id)
    return Addressee(change.old or "", change.account.language, change.account_id)


def who_had_the_account(event: DomainEvent) -> Addressee:
    """The mail must not go with the account."""
    account = db.session.get_one(Account, event.subject_id)
    return Addressee(account.email or "", account.language)


@dataclass(frozen=True)
class Notification:
    """``recipient`` gives the id of an account, or the address of somebody without one; None: no mail. The
    template sees the event as ``event``. ``can_be_disavowed``: with a link "that was not me".
    """

    template: str
    recipient: Callable[[Any], UUID | Addressee | None]
    can_be_disavowed: bool = False


def _one(
    template: str, recipient: Callable[[Any], UUID | Addressee], *, can_be_disavowed: bool = False
) -> tuple[Notification, ...]:
    return (Notification(template, recipient, can_be_disavowed),)


NOTIFICATIONS: dict[type[DomainEvent], tuple[Notification, ...]] = {
    accounts.RegistrationRequested: _one("confirm_email", the_account_itself),
    accounts.RegistrationForExistingAddress: _one("account_exists", the_account_itself),
    accounts.PasswordResetRequested: _one("reset_password", the_account_itself),
    accounts.PasswordChanged: _one("password_changed", the_account_itself, can_be_disavowed=True),
    accounts.NewDevice: _one("new_device", the_account_itself, can_be_disavowed=True),
    accounts.FactorAdded: _one("factor_added", the_account_itself, can_be_disavowed=True),
    accounts.FactorRemoved: _one("factor_removed", the_account_itself, can_be_disavowed=True),
    accounts.FactorsReset: _one("factors_reset", the_account_itself),
    accounts.FactorGuessedAt: _one("factor_guessed_at", the_account_itself),
    accounts.FactorLocked: _one("factor_locked", the_account_itself),
    accounts.FactorUnlocked: _one("factor_unlocked", the_account_itself, can_be_disavowed=True),
    accounts.RecoveryCodeUsed: _one("recovery_code_used", the_account_itself, can_be_disavowed=True),
    accounts.EmailChangeRequested: (
        Notification("confirm_new_email", the_new_address_if_free),
        Notification("email_change_announced", the_old_address, can_be_disavowed=True),
    ),
    accounts.EmailChanged: (
        Notification("email_changed", the_new_address),
        Notification("email_changed_away", the_old_address, can_be_disavowed=True),
    ),
    accounts.ResetAsked: _one("reset_asked", the_account_itself),
    accounts.ResetAnnounced: _one("reset_announced", the_account_itself),
    accounts.ResetPossible: _one("reset_possible", the_account_itself),
    accounts.AccountSecured: _one("account_secured", the_account_itself),
    accounts.AccountClosed: _one("account_closed", the_old_address),
    accounts.AccountReopened: (
        Notification("account_reopened", the_account_itself),
        Notification("account_reopened_elsewhere", the_address_until_now),
    ),
    accounts.IdentityVerified: _one("identity_verified", the_account_itself, can_be_disavowed=True),
    data_protection.ExportReady: _one("export_ready", the_account_itself),
    data_protection.DeletionRequested: _one("deletion_requested", the_account_itself),
    data_protection.DeletionNear: _one("deletion_near", the_account_itself),
    data_protection.DeletionStopped: _one("deletion_stopped", the_account_itself),
    data_protection.AccountDeleted: _one("account_deleted", who_had_the_account),
    data_protection.AccountUnused: _one("account_unused", the_account_itself),
    authorities.StaffInvited: _one("staff_invitation", who_is_invited),
    service_requests.RequestSubmitted: _one("request_submitted", whose_request_it_is),
    service_requests.RequestWithdrawn: _one("request_withdrawn", whose_request_it_is),
    postbox.MessageProvided: _one("news_in_postbox", whose_postbox_it_is),
}


def register() -> None:
    for event_type in NOTIFICATIONS:
        react_to(event_type, notify)


def notify(event: DomainEvent) -> None:
    for notification in NOTIFICATIONS[type(event)]:
        recipient = notification.recipient(event)
        to = mails.addressee_of(recipient) if isinstance(recipient, UUID) else recipient
        if to is not None:
            values = {"event": event, "disavowal": _disavowal(notification, event)}
            mails.write_to(to, notification.template, at=event.occurred_at, **values)


def _disavowal(notification: Notification, event: DomainEvent) -> str | None:
    """The token of a link by which the owner says that it was not them."""
    if not notification.can_be_disavowed:
        return None
    return links.issue(
        db.session.get_one(Account, event.subject_id),
        OneTimeLinkPurpose.THAT_WAS_NOT_ME,
        at=event.occurred_at,
    )
