"""Which event tells whom what. To add a notification: one row here, one file in ``templates/mails/``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from servicekonto.accounts import events as accounts
from servicekonto.accounts.models import Account
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


def who_had_the_account(event: DomainEvent) -> Addressee:
    """The mail must not go with the account."""
    account = db.session.get_one(Account, event.subject_id)
    return Addressee(account.email or "", account.language)


@dataclass(frozen=True)
class Notification:
    """``recipient`` gives the id of an account, or the address of somebody without one. The template sees the
    event as ``event``.
    """

    template: str
    recipient: Callable[[Any], UUID | Addressee]


NOTIFICATIONS: dict[type[DomainEvent], Notification] = {
    accounts.RegistrationRequested: Notification("confirm_email", the_account_itself),
    accounts.RegistrationForExistingAddress: Notification("account_exists", the_account_itself),
    accounts.PasswordResetRequested: Notification("reset_password", the_account_itself),
    accounts.PasswordChanged: Notification("password_changed", the_account_itself),
    data_protection.ExportReady: Notification("export_ready", the_account_itself),
    data_protection.DeletionRequested: Notification("deletion_requested", the_account_itself),
    data_protection.DeletionNear: Notification("deletion_near", the_account_itself),
    data_protection.DeletionStopped: Notification("deletion_stopped", the_account_itself),
    data_protection.AccountDeleted: Notification("account_deleted", who_had_the_account),
    data_protection.AccountUnused: Notification("account_unused", the_account_itself),
    authorities.StaffInvited: Notification("staff_invitation", who_is_invited),
    service_requests.RequestSubmitted: Notification("request_submitted", whose_request_it_is),
    service_requests.RequestWithdrawn: Notification("request_withdrawn", whose_request_it_is),
    postbox.MessageProvided: Notification("news_in_postbox", whose_postbox_it_is),
}


def register() -> None:
    for event_type in NOTIFICATIONS:
        react_to(event_type, notify)


def notify(event: DomainEvent) -> None:
    notification = NOTIFICATIONS[type(event)]
    recipient = notification.recipient(event)
    if isinstance(recipient, Addressee):
        mails.write_to(recipient, notification.template, at=event.occurred_at, event=event)
        return
    account = db.session.get(Account, recipient)
    if account is not None:
        mails.write(notification.template, to=account, at=event.occurred_at, event=event)
