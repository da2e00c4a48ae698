"""Brings the packaged reference data into the database. Repeating it changes nothing.

What an authority says about itself (address, telephone, opening hours) is put in once and never overwritten.
Rows are not removed except postcodes, former names and competences: others may be referred to.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from servicekonto.authorities import names, reference
from servicekonto.authorities.directory import Records
from servicekonto.authorities.models import (
    Authority,
    Competence,
    FormerPlaceName,
    Municipality,
    Postcode,
    ReferenceImport,
    Unit,
)
from servicekonto.core.db import Base, db

Values = dict[str, Any]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Summary:
    added: int = 0
    changed: int = 0
    removed: int = 0

    def __add__(self, other: "Summary") -> "Summary":
        return Summary(self.added + other.added, self.changed + other.changed, self.removed + other.removed)


@dataclass(frozen=True, slots=True)
class _Table:
    """``key``: columns that identify a row; ``once``: columns that are only set when the row is added."""

    model: type[Base]
    key: tuple[str, ...]
    rows: list[Values]
    once: frozenset[str] = frozenset()
    removes: bool = False


def import_reference_data(*, at: datetime, progress: Progress | None = None) -> Summary:
    """Inside the caller's unit of work. ``progress`` is called with the number of rows just done."""
    records = reference.read()
    total = Summary()
    for table in _tables(records):
        total += _synchronise(table)
        if progress is not None:
            progress(len(table.rows))
    fingerprint = reference.fingerprint()
    newest = sa.select(ReferenceImport.fingerprint).order_by(ReferenceImport.id.desc()).limit(1)
    if total != Summary() or db.session.scalar(newest) != fingerprint:
        db.session.add(ReferenceImport(fingerprint=fingerprint, imported_at=at))
    db.session.flush()
    return total


def restore_contacts() -> None:
    """What authorities have said about themselves goes; what the packaged data say is put back."""
    said = ("street", "postcode", "city", "email", "telephone", "website", "opening_hours")
    nothing = dict.fromkeys(said)
    db.session.execute(
        sa.update(Authority),
        [
            nothing | {name: row[name] for name in ("id", *said) if name in row}
            for row in _authorities(reference.read())
        ],
    )


def number_of_rows() -> int:
    """For the length of a progress bar."""
    records = reference.read()
    return sum(len(getattr(records, name)) for name in records.__dataclass_fields__)


def _tables(records: Records) -> Iterator[_Table]:
    """Each table is built when the ones before it are stored, because it refers to their ids."""
    contact = frozenset({"city", "postcode"})
    yield _Table(Authority, ("key",), list(_authorities(records)), once=contact)
    authority_ids = _ids(Authority.key, Authority.id)
    yield _Table(Unit, ("authority_id", "key"), list(_units(records, authority_ids)))
    yield _Table(Municipality, ("ags",), list(_municipalities(records, authority_ids)))
    places = _ids(Municipality.ags, Municipality.id)
    yield _Table(Postcode, ("postcode", "municipality_id"), list(_postcodes(records, places)), removes=True)
    yield _Table(FormerPlaceName, ("name", "municipality_id"), list(_former(records, places)), removes=True)
    competences = [
        {
            "id": entry.id,
            "municipality_id": places[entry.ags],
            "task": entry.task,
            "authority_id": authority_ids[entry.authority_key],
            "certainty": entry.certainty,
        }
        for entry in records.competences
    ]
    yield _Table(Competence, ("municipality_id", "task"), competences, removes=True)


def _authorities(records: Records) -> Iterator[Values]:
    """Parents first; the ids of known authorities replace the new ones."""
    known = _ids(Authority.key, Authority.id)
    by_key = {entry.key: entry for entry in records.authorities}
    ids = {key: known.get(key, entry.id) for key, entry in by_key.items()}

    def depth(key: str) -> int:
        parent = by_key[key].parent_key
        return 1 + depth(parent) if parent else 0

    for entry in sorted(records.authorities, key=lambda entry: depth(entry.key)):
        yield {
            "id": ids[entry.key],
            "key": entry.key,
            "name": entry.name,
            "kind": entry.kind,
            "parent_id": ids[entry.parent_key] if entry.parent_key else None,
            "valid_from": entry.valid_from,
            "valid_to": entry.valid_to,
            "postcode": entry.postcode,
            "city": entry.city,
        }


def _units(records: Records, authority_ids: dict[str, UUID]) -> Iterator[Values]:
    for unit in records.units:
        authority_id = authority_ids[unit.authority_key]
        yield {"id": unit.id, "authority_id": authority_id, "key": unit.key, "name": unit.name}


def _municipalities(records: Records, authority_ids: dict[str, UUID]) -> Iterator[Values]:
    for place in records.places:
        yield {
            "id": place.id,
            "ags": place.ags,
            "ars": place.ars,
            "name": place.name,
            "official_name": place.official_name,
            "search_key": names.search_key(place.name),
            "sort_key": names.sort_key(place.name),
            "kind": place.kind,
            "district_key": place.district_key,
            "population": place.population,
            "authority_id": authority_ids[place.authority_key],
            "district_authority_id": authority_ids[place.district_authority_key],
            "valid_from": place.valid_from,
            "valid_to": place.valid_to,
            "successor_ags": place.successor_ags,
        }


def _postcodes(records: Records, places: dict[str, UUID]) -> Iterator[Values]:
    for entry in records.postcodes:
        yield {
            "id": entry.id,
            "postcode": entry.postcode,
            "municipality_id": places[entry.ags],
            "is_primary": entry.is_primary,
            "kind": entry.kind,
            "confidence": entry.confidence,
        }


def _former(records: Records, places: dict[str, UUID]) -> Iterator[Values]:
    for former in records.former_places:
        municipality_id = places[former.ags]
        yield {
            "id": former.id,
            "name": former.name,
            "municipality_id": municipality_id,
            "since": former.since,
        }


def _ids(key: Any, value: Any) -> dict[str, UUID]:
    return {row[0]: row[1] for row in db.session.execute(sa.select(key, value))}


def _synchronise(table: _Table) -> Summary:
    """One SELECT, then at most one bulk INSERT, UPDATE and DELETE."""
    stored_table = cast(sa.Table, table.model.__table__)
    columns = stored_table.columns
    compared = [name for name in (table.rows[0] if table.rows else {}) if name not in table.once | {"id"}]
    stored: dict[Hashable, Values] = {
        tuple(row[name] for name in table.key): dict(row)
        for row in db.session.execute(sa.select(*columns)).mappings()
    }
    added: list[Values] = []
    changed: list[Values] = []
    for row in table.rows:
        known = stored.pop(tuple(row[name] for name in table.key), None)
        if known is None:
            added.append(row)
        elif any(known[name] != row[name] for name in compared):
            changed.append({"id": known["id"]} | {name: row[name] for name in compared})
    if added:
        db.session.execute(sa.insert(stored_table), added)
    if changed:
        db.session.execute(sa.update(table.model), changed)
    superfluous = [row["id"] for row in stored.values()] if table.removes else []
    if superfluous:
        db.session.execute(sa.delete(stored_table).where(columns["id"].in_(superfluous)))
    return Summary(len(added), len(changed), len(superfluous))
