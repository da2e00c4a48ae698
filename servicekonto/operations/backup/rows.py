"""Rows as lines of JSON that mean the same on SQLite and on PostgreSQL."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from servicekonto.core.db import Base, UtcDateTime

ROWS_AT_ONCE = 500

Encode = Callable[[Any], Any]


@dataclass(frozen=True)
class Codec:
    """From a value as Python knows it to one that JSON knows, and back."""

    encode: Encode
    decode: Encode


def _as_it_is(value: Any) -> Any:
    return value


_AS_IT_IS = Codec(_as_it_is, _as_it_is)

# The first that fits counts.
_CODECS: tuple[tuple[type[sa.types.TypeEngine[Any]], Codec], ...] = (
    (sa.Uuid, Codec(str, UUID)),
    (UtcDateTime, Codec(lambda value: value.astimezone(UTC).isoformat(), datetime.fromisoformat)),
    (sa.Date, Codec(date.isoformat, date.fromisoformat)),
    (sa.LargeBinary, Codec(lambda value: base64.b64encode(value).decode(), base64.b64decode)),
    (sa.Boolean, _AS_IT_IS),
    (sa.Integer, _AS_IT_IS),
    (sa.Float, _AS_IT_IS),
    (sa.JSON, _AS_IT_IS),
    (sa.String, _AS_IT_IS),
)


@dataclass(frozen=True)
class TableRows:
    """How the rows of one table are read, written down and put back."""

    table: sa.Table
    codecs: tuple[Codec, ...]

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def columns(self) -> list[str]:
        return [column.name for column in self.table.columns]

    def read(self, connection: sa.Connection) -> Iterator[bytes]:
        """Lines in the order of the primary key, a few hundred rows in memory at a time."""
        columns = [_plain(column) for column in self.table.columns]
        query = sa.select(*columns).order_by(*self.table.primary_key.columns)
        for row in connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
            yield self._encode(row)

    def count(self, connection: sa.Connection) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(self.table)) or 0

    def decode(self, values: Sequence[Any]) -> dict[str, Any]:
        return {
            name: None if value is None else codec.decode(value)
            for name, codec, value in zip(self.columns, self.codecs, values, strict=True)
        }

    def insertable(self) -> sa.TableClause:
        """Enums as the text they are stored as: an old value that the code has forgotten is put back too."""
        return sa.table(self.name, *(sa.column(c.name, _plain_type(c.type)) for c in self.table.columns))

    def _encode(self, row: Iterable[Any]) -> bytes:
        values = [
            None if value is None else codec.encode(value)
            for codec, value in zip(self.codecs, row, strict=True)
        ]
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass
class Digest:
    """Number and SHA-256 of the rows of a table."""

    rows: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def add(self, line: bytes) -> None:
        self.rows += 1
        self._hash.update(line + b"\n")

    @property
    def sha256(self) -> str:
        return str(self._hash.hexdigest())


def all_tables() -> dict[str, TableRows]:
    """Every table of the application, by name."""
    return {
        table.name: TableRows(table, tuple(_codec(column) for column in table.columns))
        for table in sorted(Base.metadata.tables.values(), key=lambda table: table.name)
    }


def _codec(column: sa.Column[Any]) -> Codec:
    for kind, codec in _CODECS:
        if isinstance(_plain_type(column.type), kind):
            return codec
    raise TypeError(f"no codec for {column}")


def _plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    plain = _plain_type(column.type)
    return column if plain is column.type else sa.type_coerce(column, plain)


def _plain_type(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    return sa.String() if isinstance(kind, sa.Enum) else kind
