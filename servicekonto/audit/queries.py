"""Reading entries, always of one authority or about one account; and how many wait for their seal."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from servicekonto.audit.actions import Action
from servicekonto.audit.models import AuditEntry
from servicekonto.core.db import db
from servicekonto.core.ids import first_id_of, seconds_of

PAGE_SIZE = 50
SEALED_WITHIN = timedelta(minutes=5)

Key = tuple[datetime, UUID]
"""Where an entry stands in the list."""


@dataclass(frozen=True, kw_only=True)
class EntryFilter:
    """None means all. ``after`` is the key of the last row of the page before."""

    action: Action | None = None
    actor_id: UUID | None = None
    after: Key | None = None


@dataclass(frozen=True)
class EntryPage:
    """``after`` leads to the next page; None on the last."""

    entries: list[AuditEntry]
    after: Key | None


def entries_of(authority_id: UUID, chosen: EntryFilter) -> EntryPage:
    """The newest first."""
    return _page(AuditEntry.authority_id == authority_id, *_conditions(chosen))


def entries_of_account(account_id: UUID, *, after: Key | None = None) -> EntryPage:
    """What the owner reads about it, the newest first."""
    return _page(AuditEntry.account_id == account_id, *_conditions(EntryFilter(after=after)))


def seconds_unsealed(at: datetime) -> float:
    """For how long the oldest entry has waited for its seal; 0 when none waits."""
    oldest = db.session.scalar(
        sa.select(AuditEntry.id).where(AuditEntry.sealed_at.is_(None)).order_by(AuditEntry.id).limit(1)
    )
    return max(0.0, at.timestamp() - seconds_of(oldest)) if oldest is not None else 0.0


def count_overdue(at: datetime) -> int:
    """Entries that wait although the sealer comes every minute."""
    written_before = first_id_of(at - SEALED_WITHIN)
    query = (
        sa.select(sa.func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.sealed_at.is_(None), AuditEntry.id < written_before)
    )
    return db.session.scalar(query) or 0


def _page(*conditions: sa.ColumnElement[bool]) -> EntryPage:
    query = (
        sa.select(AuditEntry)
        .where(*conditions)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    found = list(db.session.scalars(query))
    page = found[:PAGE_SIZE]
    return EntryPage(page, (page[-1].at, page[-1].id) if len(found) > PAGE_SIZE else None)


def _conditions(chosen: EntryFilter) -> Collection[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if chosen.action is not None:
        conditions.append(AuditEntry.action == chosen.action)
    if chosen.actor_id is not None:
        conditions.append(AuditEntry.actor_id == chosen.actor_id)
    if chosen.after is not None:
        moment, entry_id = chosen.after
        literals = sa.tuple_(sa.literal(moment, AuditEntry.at.type), sa.literal(entry_id, AuditEntry.id.type))
        conditions.append(sa.tuple_(AuditEntry.at, AuditEntry.id) < literals)
    return conditions
