"""The conversation about a request, read by either side, and the notes that only the authority reads."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicekonto.authorities.current import names_of_accounts
from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.service_requests.conversation_models import InternalNote, RequestMessage
from servicekonto.service_requests.models import EventKind, ServiceRequest

SPOKEN = frozenset(
    {
        EventKind.MESSAGE_FROM_CITIZEN,
        EventKind.MESSAGE_FROM_AUTHORITY,
        EventKind.INFORMATION_REQUESTED,
        EventKind.FORWARDED,
        EventKind.CLOSED,
    }
)
"""What leaves a message."""


@dataclass(frozen=True)
class Entry:
    """``is_own``: written by the side that reads. ``is_unread``: nobody at the authority has read it yet."""

    author: str
    at: datetime
    text: str
    is_own: bool
    is_unread: bool = False

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip() for part in self.text.replace("\r", "").split("\n\n") if part.strip()]


def for_citizen(service_request: ServiceRequest) -> list[Entry]:
    """Clerks appear by the name of their authority."""
    return [
        Entry(
            author=message.authority.name if message.authority else _("Sie"),
            at=message.sent_at,
            text=message.body or "",
            is_own=message.authority is None,
        )
        for message in messages_of(service_request)
    ]


def for_staff(service_request: ServiceRequest) -> list[Entry]:
    found = messages_of(service_request)
    authors = {message.author_id for message in found if message.authority_id}
    names = names_of_accounts(authors) if authors else {}
    return [
        Entry(
            author=_who(names.get(message.author_id), message),
            at=message.sent_at,
            text=message.body or "",
            is_own=message.authority_id is not None,
            is_unread=message.authority_id is None and message.read_at is None,
        )
        for message in found
    ]


def messages_of(service_request: ServiceRequest) -> list[RequestMessage]:
    """Oldest first. The history knows whether there are any; most requests have none."""
    if not any(event.kind in SPOKEN for event in service_request.history):
        return []
    query = (
        sa.select(RequestMessage)
        .options(joinedload(RequestMessage.authority), joinedload(RequestMessage.service_request))
        .where(RequestMessage.service_request_id == service_request.id)
        .order_by(RequestMessage.sent_at, RequestMessage.id)
    )
    return list(db.session.scalars(query))


def notes_of(service_request: ServiceRequest, reader: StaffMember) -> list[Entry]:
    """Of the reader's own authority only: a note does not travel with a request that is forwarded."""
    query = (
        sa.select(InternalNote)
        .options(joinedload(InternalNote.service_request))
        .where(
            InternalNote.service_request_id == service_request.id,
            InternalNote.authority_id == reader.authority_id,
        )
        .order_by(InternalNote.written_at, InternalNote.id)
    )
    found = list(db.session.scalars(query))
    names = names_of_accounts({note.author_id for note in found}) if found else {}
    return [
        Entry(
            author=names.get(note.author_id, ""),
            at=note.written_at,
            text=note.body or "",
            is_own=note.author_id == reader.account_id,
        )
        for note in found
    ]


def _who(name: str | None, message: RequestMessage) -> str:
    if message.authority is None:
        return str(_("Antragstellende Person"))
    return f"{name}, {message.authority.name}" if name else message.authority.name
