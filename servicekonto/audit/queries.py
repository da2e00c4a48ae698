"""Reading entries, always of one authority."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from servicekonto.audit.actions import Action
from servicekonto.audit.models import AuditEntry
from servicekonto.core.db import db

PAGE_SIZE = 50

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
    query = (
        sa.select(AuditEntry)
        .where(AuditEntry.authority_id == authority_id, *_conditions(chosen))
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
