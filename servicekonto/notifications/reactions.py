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
from servicekonto.notifications import mails
from servicekonto.service_requests import events as service_requests


def the_account_itself(event: DomainEvent) -> UUID:
    return event.subject_id


def whose_request_it_is(event: service_requests.RequestEventPublished) -> UUID:
    return event.account_id


@dataclass(frozen=True)
class Notification:
    """``recipient`` gives the id of an account. The template sees the event as ``event``."""

    template: str
    recipient: Callable[[Any], UUID]


NOTIFICATIONS: dict[type[DomainEvent], Notification] = {
    accounts.RegistrationRequested: Notification("confirm_email", the_account_itself),
    accounts.RegistrationForExistingAddress: Notification("account_exists", the_account_itself),
    accounts.PasswordResetRequested: Notification("reset_password", the_account_itself),
    accounts.PasswordChanged: Notification("password_changed", the_account_itself),
    service_requests.RequestSubmitted: Notification("request_submitted", whose_request_it_is),
    service_requests.RequestNotified: Notification("news_in_postbox", whose_request_it_is),
    service_requests.RequestWithdrawn: Notification("request_withdrawn", whose_request_it_is),
    service_requests.RequestClosed: Notification("news_in_postbox", whose_request_it_is),
    service_requests.AuthorityWrote: Notification("news_in_postbox", whose_request_it_is),
    service_requests.InformationRequested: Notification("news_in_postbox", whose_request_it_is),
    service_requests.RequestForwarded: Notification("news_in_postbox", whose_request_it_is),
}


def register() -> None:
    for event_type in NOTIFICATIONS:
        react_to(event_type, notify)
    react_to(authorities.StaffInvited, invite)


def notify(event: DomainEvent) -> None:
    notification = NOTIFICATIONS[type(event)]
    account = db.session.get(Account, notification.recipient(event))
    if account is not None:
        mails.write(notification.template, to=account, at=event.occurred_at, event=event)


def invite(event: authorities.StaffInvited) -> None:
    """To a bare address: whether it belongs to an account is not asked here."""
    invitation = db.session.get_one(StaffInvitation, event.subject_id)
    mails.write_to(
        mails.Addressee(invitation.email or ""),
        "staff_invitation",
        at=event.occurred_at,
        event=event,
        authority=invitation.authority.name,
    )
