"""Every row of a person, found by following the foreign keys from the account over the metadata.

A foreign key is followed from the row it names to the row that has it, unless the catalogue says that it only
names who acted. So a new table is part of the export and of the deletion without being listed anywhere.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from servicekonto.core.db import Base, db
from servicekonto.data_protection.catalogue import CATALOGUE, WITHOUT_PERSONAL_DATA
from servicekonto.data_protection.catalogue.kinds import Treatment

AT_ONCE = 500

Key = tuple[Any, ...]
"""The values of the primary key of a row."""

Found = Mapping[str, set[Key]]
"""Name of the table → keys of its rows."""


def rows_of(account_id: UUID, *, but_what_stays: bool = False) -> Found:
    """``but_what_stays``: without the rows that the deletion leaves, and what belongs to them alone."""
    found: dict[str, set[Key]] = defaultdict(set)
    found["account"] = {(account_id,)}
    fresh: dict[str, set[Key]] = {"account": {(account_id,)}}
    while fresh:
        further: dict[str, set[Key]] = defaultdict(set)
        for parent, keys in fresh.items():
            for column in _references_to(parent):
                further[column.table.name] |= _rows_with(column, keys, but_what_stays)
        fresh = {name: keys - found[name] for name, keys in further.items() if keys - found[name]}
        for name, keys in fresh.items():
            found[name] |= keys
    return {name: keys for name, keys in found.items() if keys}


def matching(table: sa.Table, keys: set[Key]) -> Iterator[sa.ColumnElement[bool]]:
    """Conditions for these rows, a few hundred at a time."""
    columns = tuple(table.primary_key)
    for some in _batches(keys):
        if len(columns) == 1:
            yield columns[0].in_([key[0] for key in some])
        else:
            yield sa.or_(*(sa.and_(*map(sa.ColumnElement.__eq__, columns, key)) for key in some))


def _references_to(parent: str) -> Iterator[sa.Column[Any]]:
    for table in Base.metadata.sorted_tables:
        if table.name in WITHOUT_PERSONAL_DATA:
            continue
        entry = CATALOGUE[table.name]
        if parent == "account" and entry.belongs_by is not None:
            yield table.c[entry.belongs_by]
        for key in table.foreign_keys:
            acts = entry.treatment_of(key.parent.name) is Treatment.ACTED
            if key.column.table.name == parent and not acts:
                yield key.parent


def _rows_with(column: sa.Column[Any], parents: set[Key], but_what_stays: bool) -> set[Key]:
    table, found = column.table, set[Key]()
    stays = CATALOGUE[table.name].stays if but_what_stays else None
    for some in _batches(parents):
        query = sa.select(*table.primary_key).where(column.in_([key[0] for key in some]))
        if stays is not None:
            query = query.where(sa.not_(stays.condition()))
        found |= {tuple(row) for row in db.session.execute(query)}
    return found


def _batches(keys: set[Key]) -> Iterator[tuple[Key, ...]]:
    ordered = sorted(keys, key=str)
    for start in range(0, len(ordered), AT_ONCE):
        yield tuple(ordered[start : start + AT_ONCE])
