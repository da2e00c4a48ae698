"""Many rows in few statements, past the ORM. Row-level security holds as for every other statement."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

Rows = Mapping[sa.Table, Sequence[Mapping[str, Any]]]


def insert(connection: sa.Connection, rows: Rows) -> None:
    """``rows`` in an order in which they may be written. Values as their columns take them."""
    for table, of_table in rows.items():
        if not of_table:
            continue
        if connection.dialect.name == "postgresql":
            _insert_arrays(connection, table, of_table)
        else:
            connection.execute(sa.insert(table), of_table)


def _insert_arrays(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """One array for each column: COPY is not allowed where row-level security is in force."""
    names = list(rows[0])
    columns = [table.c[name] for name in names]
    arrays = ", ".join(f"{_placeholder(c)}::{c.type.compile(connection.dialect)}[]" for c in columns)
    listed = ", ".join(f'"{name}"' for name in names)
    values = []
    for column in columns:
        process = _processor(column, connection.dialect)
        raw = [row[column.name] for row in rows]
        values.append([None if value is None else process(value) for value in raw] if process else raw)
    cursor = connection.connection.cursor()
    cursor.execute(f'insert into "{table.name}" ({listed}) select * from unnest({arrays})', values)  # noqa: S608
    cursor.close()


def _processor(column: sa.Column[Any], dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    if isinstance(column.type, sa.JSON):
        return json.dumps
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _placeholder(column: sa.Column[Any]) -> str:
    """Bytes and ids travel as they are, everything else as text."""
    return "%b" if isinstance(column.type, (sa.LargeBinary, sa.Uuid)) else "%s"
