"""Every row of a person, found without the code under test: by the foreign keys in the database itself."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from servicekonto.core.db import db

Found = dict[str, set[UUID]]

# Who acted on what belongs to somebody else.
ACTS = {
    ("service_request", "signer_account_id"),
    ("service_request", "assignee_id"),
    ("request_event", "actor_id"),
    ("decision", "proposed_by_id"),
    ("decision", "approved_by_id"),
    ("request_message", "author_id"),
    ("internal_note", "author_id"),
    ("information_request", "asked_by_id"),
    ("text_template", "changed_by_id"),
}


def rows_of(account_id: UUID) -> Found:
    """By table; without the account itself."""
    tables = reflected()
    found: Found = {name: set() for name in tables}
    found["account"].add(account_id)
    before = -1
    while before != (before := sum(map(len, found.values()))):
        for table in tables.values():
            for key in table.foreign_keys:
                parent = key.column.table.name
                if (table.name, key.parent.name) not in ACTS and "id" in table.c and parent in found:
                    found[table.name] |= _children(table, key.parent, found[parent])
    del found["account"]
    return {name: ids for name, ids in found.items() if ids}


def reflected() -> dict[str, sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(db.session.connection())
    return {name: table for name, table in metadata.tables.items() if name != "alembic_version"}


def _children(table: sa.Table, column: sa.Column[Any], parents: set[UUID]) -> set[UUID]:
    names = {str(parent): None for parent in parents} | {parent.hex: None for parent in parents}
    query = sa.select(sa.cast(table.c.id, sa.String)).where(sa.cast(column, sa.String).in_(list(names)))
    return {UUID(text) for text in db.session.scalars(query)}
