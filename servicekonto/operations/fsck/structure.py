"""The database itself: no row points to nothing, and the file of SQLite is whole."""

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa

from servicekonto.core.db import Base, db
from servicekonto.operations.fsck.finding import Check, Finding


def checks() -> tuple[Check, ...]:
    return (Check("database_file_is_whole", _damaged_file), Check("row_points_to_a_row", _orphans))


def _damaged_file() -> Iterator[Finding]:
    if db.session.get_bind().dialect.name == "sqlite":
        for number, line in enumerate(db.session.scalars(sa.text("PRAGMA quick_check"))):
            if line != "ok":  # the line itself may quote what is stored
                yield Finding("database_file_is_whole", "file", str(number))


def _orphans() -> Iterator[Finding]:
    for table in Base.metadata.tables.values():
        for constraint in table.foreign_key_constraints:
            for row in db.session.scalars(_without_target(table, constraint)):
                column = constraint.column_keys[0]
                yield Finding("row_points_to_a_row", f"{table.name}.{column}", str(row))


def _without_target(table: sa.Table, constraint: sa.ForeignKeyConstraint) -> sa.Select[UUID]:
    source, target = table.alias("source"), constraint.referred_table.alias("target")
    pairs = [(source.c[e.parent.name], target.c[e.column.name]) for e in constraint.elements]
    found = sa.exists().where(*(here == there for here, there in pairs))
    return sa.select(next(iter(source.primary_key))).where(
        *(here.is_not(None) for here, _there in pairs), ~found
    )
