"""Putting a message into a postbox and opening it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from servicekonto.authorities.models import Authority
from servicekonto.core.db import db
from servicekonto.core.events import publish
from servicekonto.postbox.events import MessageProvided
from servicekonto.postbox.models import Message


def provide(
    *,
    account_id: UUID,
    sender: Authority,
    service_request_id: UUID,
    subject: str,
    body: str,
    document_kind: str | None,
    at: datetime,
) -> Message:
    """From this moment the message can be retrieved; ``provided_at`` is what the authority has to prove."""
    message = Message(
        account_id=account_id,
        authority_id=sender.id,
        service_request_id=service_request_id,
        document_kind=document_kind,
        sender=sender.name,
        subject=subject,
        body=body,
        provided_at=at,
    )
    db.session.add(message)
    db.session.flush()
    publish(MessageProvided(subject_id=message.id, actor_id=None, occurred_at=at, account_id=account_id))
    return message


def open_message(message: Message, *, at: datetime) -> None:
    """Records the first retrieval; later ones change nothing."""
    if message.first_read_at is None:
        message.first_read_at = at
        db.session.flush()


def archive(messages: Iterable[Message], *, at: datetime) -> int:
    """Returns how many stayed because nobody has opened them: they may have started a time limit."""
    unread = 0
    for message in messages:
        if message.first_read_at is None:
            unread += 1
        elif message.archived_at is None:
            message.archived_at = at
    db.session.flush()
    return unread


def restore(messages: Iterable[Message]) -> None:
    for message in messages:
        message.archived_at = None
    db.session.flush()
