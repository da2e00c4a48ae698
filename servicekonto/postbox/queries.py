"""Reading a postbox. Every query takes the owner."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError
from servicekonto.postbox.models import Message

PAGE_SIZE = 25


@dataclass(frozen=True)
class MessagePage:
    """``older_than`` is the key of the next page, None on the last one."""

    messages: list[Message]
    older_than: UUID | None


def unread_count(account: Account) -> int:
    count = sa.select(sa.func.count()).where(
        Message.account_id == account.id, Message.first_read_at.is_(None)
    )
    return db.session.scalar(count) or 0


def page(account: Account, *, older_than: UUID | None = None) -> MessagePage:
    """Newest first; ids are ordered by time."""
    query = sa.select(Message).where(Message.account_id == account.id).order_by(Message.id.desc())
    if older_than is not None:
        query = query.where(Message.id < older_than)
    messages = list(db.session.scalars(query.limit(PAGE_SIZE + 1)))
    more = len(messages) > PAGE_SIZE
    return MessagePage(messages[:PAGE_SIZE], messages[PAGE_SIZE - 1].id if more else None)


def get(account: Account, message_id: UUID) -> Message:
    found = db.session.scalar(
        sa.select(Message).where(Message.id == message_id, Message.account_id == account.id)
    )
    if found is None:
        raise NotFoundError(message_id)
    return found


def newest_unread(account: Account, *, limit: int) -> list[tuple[UUID, str, datetime]]:
    """For the start page: id, sender, when. No content, so nothing has to be opened."""
    rows = db.session.execute(
        sa.select(Message.id, Message.sender, Message.provided_at)
        .where(Message.account_id == account.id, Message.first_read_at.is_(None))
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]
