"""Reading a postbox. Every query takes the owner."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError
from servicekonto.postbox.models import Message

PAGE_SIZE = 25


@dataclass(frozen=True, kw_only=True)
class MessageFilter:
    """All fields narrow; None means all. ``until`` is the first moment that no longer counts.

    There is no search in the text: it is sealed.
    """

    archived: bool = False
    unread: bool = False
    sender_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    older_than: UUID | None = None


EVERYTHING = MessageFilter()


@dataclass(frozen=True)
class MessagePage:
    """``older_than`` is the key of the next page, None on the last one."""

    messages: list[Message]
    older_than: UUID | None


def unread_of(account: Account) -> tuple[sa.ColumnElement[bool], ...]:
    return Message.account_id == account.id, Message.first_read_at.is_(None)


def unread_count(account: Account) -> int:
    count = sa.select(sa.func.count()).select_from(Message).where(*unread_of(account))
    return db.session.scalar(count) or 0


def page(account: Account, chosen: MessageFilter = EVERYTHING) -> MessagePage:
    """Newest first; ids are ordered by time."""
    query = (
        sa.select(Message)
        .where(Message.account_id == account.id, *_conditions(chosen))
        .order_by(Message.id.desc())
    )
    messages = list(db.session.scalars(query.limit(PAGE_SIZE + 1)))
    more = len(messages) > PAGE_SIZE
    return MessagePage(messages[:PAGE_SIZE], messages[PAGE_SIZE - 1].id if more else None)


def senders(account: Account) -> list[tuple[UUID, str]]:
    """Who has ever written to this account, by name."""
    name = sa.func.max(Message.sender)
    rows = db.session.execute(
        sa.select(Message.authority_id, name)
        .where(Message.account_id == account.id)
        .group_by(Message.authority_id)
        .order_by(name)
    )
    return [(row[0], row[1]) for row in rows]


def get(account: Account, message_id: UUID) -> Message:
    found = db.session.scalar(
        sa.select(Message).where(Message.id == message_id, Message.account_id == account.id)
    )
    if found is None:
        raise NotFoundError(message_id)
    return found


def get_all(account: Account, message_ids: Collection[UUID]) -> list[Message]:
    """Raises NotFoundError when one of them is not in this postbox."""
    query = sa.select(Message).where(Message.account_id == account.id, Message.id.in_(message_ids))
    found = list(db.session.scalars(query.order_by(Message.id).with_for_update()))
    if len(found) != len(set(message_ids)):
        raise NotFoundError("one of the messages")
    return found


def newest_unread(account: Account, *, limit: int) -> list[tuple[UUID, str, datetime]]:
    """For the start page: id, sender, when. No content, so nothing has to be opened."""
    rows = db.session.execute(
        sa.select(Message.id, Message.sender, Message.provided_at)
        .where(*unread_of(account))
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _conditions(chosen: MessageFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [
        Message.archived_at.is_not(None) if chosen.archived else Message.archived_at.is_(None)
    ]
    if chosen.unread:
        conditions.append(Message.first_read_at.is_(None))
    if chosen.sender_id is not None:
        conditions.append(Message.authority_id == chosen.sender_id)
    if chosen.since is not None:
        conditions.append(Message.provided_at >= chosen.since)
    if chosen.until is not None:
        conditions.append(Message.provided_at < chosen.until)
    if chosen.older_than is not None:
        conditions.append(Message.id < chosen.older_than)
    return conditions
