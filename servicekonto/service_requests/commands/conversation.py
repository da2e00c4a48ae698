"""What citizens and authorities say to each other about a request, and what clerks note for themselves."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicekonto.accounts.models import Account
from servicekonto.authorities.models import Authority, StaffMember
from servicekonto.catalogue.queries import definition_of
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError
from servicekonto.postbox import commands as postbox
from servicekonto.service_requests import events, history
from servicekonto.service_requests.actions import Action, check
from servicekonto.service_requests.conversation_models import InternalNote, RequestMessage
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.web.i18n import in_language


def write(service_request: ServiceRequest, body: str, *, by: Account, at: datetime) -> RequestMessage:
    """The citizen writes to the authority that has the request now."""
    check(Action.WRITE, service_request)
    message = _add(service_request, body, author=by, authority=None, at=at)
    service_request.unread_count += 1
    history.note(service_request, EventKind.MESSAGE_FROM_CITIZEN, by=by, at=at, payload=_id_of(message))
    db.session.flush()
    history.announce(events.CitizenWrote, service_request, by=by, at=at)
    return message


def reply(service_request: ServiceRequest, body: str, *, by: StaffMember, at: datetime) -> RequestMessage:
    """Lies in the postbox too. Whoever answers has read what there was to read."""
    check(Action.REPLY, service_request, by)
    message = say(service_request, body, by=by, at=at)
    _mark_read(service_request, at=at)
    history.note(
        service_request, EventKind.MESSAGE_FROM_AUTHORITY, by=by.account, at=at, payload=_id_of(message)
    )
    db.session.flush()
    history.announce(events.AuthorityWrote, service_request, by=by.account, at=at)
    return message


def say(service_request: ServiceRequest, body: str, *, by: StaffMember, at: datetime) -> RequestMessage:
    """Into the conversation and into the postbox, as a part of another command that writes the history."""
    authority = _authority_of(service_request)
    postbox.provide(
        account_id=service_request.account_id,
        sender=authority,
        service_request_id=service_request.id,
        subject=_subject(service_request),
        body=body,
        document_kind=None,
        at=at,
    )
    return _add(service_request, body, author=by.account, authority=authority, at=at)


def mark_read(service_request: ServiceRequest, *, by: StaffMember, at: datetime) -> None:
    """Somebody at the authority has read everything. Repeating it changes nothing."""
    check(Action.READ_MESSAGES, service_request, by)
    _mark_read(service_request, at=at)
    db.session.flush()


def take_note(service_request: ServiceRequest, body: str, *, by: StaffMember, at: datetime) -> InternalNote:
    """For colleagues of the same authority; it is no part of the history that a citizen sees."""
    check(Action.TAKE_NOTE, service_request, by)
    note = InternalNote(
        service_request_id=service_request.id,
        service_request=service_request,
        authority_id=by.authority_id,
        author_id=by.account_id,
        body=body,
        written_at=at,
    )
    db.session.add(note)
    db.session.flush()
    return note


def _add(
    service_request: ServiceRequest,
    body: str,
    *,
    author: Account,
    authority: Authority | None,
    at: datetime,
) -> RequestMessage:
    message = RequestMessage(
        service_request_id=service_request.id,
        service_request=service_request,
        authority_id=authority.id if authority else None,
        author_id=author.id,
        body=body,
        sent_at=at,
    )
    db.session.add(message)
    return message


def _mark_read(service_request: ServiceRequest, *, at: datetime) -> None:
    db.session.execute(
        sa.update(RequestMessage)
        .where(
            RequestMessage.service_request_id == service_request.id,
            RequestMessage.authority_id.is_(None),
            RequestMessage.read_at.is_(None),
        )
        .values(read_at=at)
    )
    service_request.unread_count = 0


def _id_of(message: RequestMessage) -> dict[str, str]:
    return {"message_id": str(message.id)}


def _authority_of(service_request: ServiceRequest) -> Authority:
    if service_request.authority is None:
        raise ConflictError("not submitted")
    return service_request.authority


def _subject(service_request: ServiceRequest) -> str:
    """In the language of whose request it is; what is said below it stays as it was written."""
    with in_language(service_request.account.language):
        name = str(definition_of(service_request.service_version).names.name)
        return str(_("Zu Ihrem Antrag: %(service)s", service=name))
