"""Reads the packaged files (``data/``, see the NOTICE there) into records. Knows no database."""

import csv
import functools
import hashlib
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

from servicekonto.authorities import rules
from servicekonto.authorities.directory import (
    AuthorityEntry,
    CompetenceEntry,
    Directory,
    FormerPlace,
    Place,
    PostcodeEntry,
    Records,
    UnitEntry,
)
from servicekonto.authorities.finder import authority_for
from servicekonto.authorities.kinds import AuthorityKind, Certainty, MunicipalityKind, PostcodeKind, Task
from servicekonto.core.ids import new_id

Row = dict[str, str]

_FILES = (
    "state_authorities.csv",
    "districts.csv",
    "municipalities.csv",
    "postcodes.csv",
    "former_places.csv",
    "competence.csv",
    "competence_rules.yaml",
)


def fingerprint() -> str:
    """Changes with every byte of the packaged files (SHA-256, hexadecimal)."""
    digest = hashlib.sha256()
    for name in _FILES:
        digest.update(_text(name).encode())
    return digest.hexdigest()


def read() -> Records:
    """The ids are new ones; the importer keeps those it already knows."""
    places = tuple(_places())
    records = Records(
        authorities=tuple(_authorities()),
        units=(),
        places=places,
        postcodes=tuple(_postcodes()),
        former_places=tuple(_former_places()),
        competences=tuple(_competences()),
    )
    return Records(
        authorities=records.authorities,
        units=tuple(_units(Directory(records))),
        places=records.places,
        postcodes=records.postcodes,
        former_places=records.former_places,
        competences=records.competences,
    )


def _text(name: str) -> str:
    return (files("servicekonto.authorities") / "data" / name).read_text(encoding="utf-8")


@functools.cache
def _rows(name: str) -> tuple[Row, ...]:
    return tuple(csv.DictReader(_text(name).splitlines()))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _authorities() -> Iterator[AuthorityEntry]:
    for row in _rows("state_authorities.csv"):
        yield AuthorityEntry(
            id=new_id(),
            key=row["key"],
            name=row["name"],
            kind=AuthorityKind(row["kind"]),
            parent_key=row["parent_key"] or None,
            city=row["seat"],
        )
    yield from _district_authorities()
    yield from _municipal_authorities()


def _district_authorities() -> Iterator[AuthorityEntry]:
    """Without the independent cities: they are one authority with the competences of both levels."""
    for row in _rows("districts.csv"):
        if row["kind"] == "district":
            yield AuthorityEntry(
                id=new_id(),
                key=row["authority_key"],
                name=f"Kreisausschuss des {_genitive(row['name'])}",
                kind=AuthorityKind.DISTRICT,
                parent_key=row["regional_council_key"],
                city=row["seat"],
            )


def _genitive(district: str) -> str:
    """ "Kreis Bergstraße" -> "Kreises Bergstraße", "Main-Kinzig-Kreis" -> "Main-Kinzig-Kreises"."""
    first, space, rest = district.partition(" ")
    return f"{first}es{space}{rest}"


def _municipal_authorities() -> Iterator[AuthorityEntry]:
    """One per municipality, also across a change of its key: the newest row tells what it is."""
    newest: dict[str, Row] = {}
    first_day: dict[str, str] = {}
    for row in _rows("municipalities.csv"):
        if row["kind"] == MunicipalityKind.UNINCORPORATED_AREA:
            continue
        key = row["authority_key"]
        first_day[key] = min(first_day.get(key, row["valid_from"]), row["valid_from"])
        if key not in newest or not row["valid_to"]:
            newest[key] = row
    for key, row in newest.items():
        independent = row["kind"] == MunicipalityKind.INDEPENDENT_CITY
        district = _districts()[row["district_key"]]
        yield AuthorityEntry(
            id=new_id(),
            key=key,
            name=_municipal_name(row),
            kind=AuthorityKind.INDEPENDENT_CITY if independent else AuthorityKind.MUNICIPALITY,
            parent_key=district["regional_council_key"] if independent else district["authority_key"],
            valid_from=_day(first_day[key]),
            valid_to=_day(row["valid_to"]),
            postcode=row["seat_postcode"],
            city=row["name"],
        )


def _municipal_name(row: Row) -> str:
    if row["kind"] != MunicipalityKind.RURAL_MUNICIPALITY:
        return f"Magistrat der Stadt {row['name']}"
    if "Marktflecken" in row["official_name"]:
        return f"Gemeindevorstand des Marktfleckens {row['name']}"
    kind = "Marktgemeinde" if "Marktgemeinde" in row["official_name"] else "Gemeinde"
    return f"Gemeindevorstand der {kind} {row['name']}"


@functools.cache
def _districts() -> dict[str, Row]:
    return {row["district_key"]: row for row in _rows("districts.csv")}


def _places() -> Iterator[Place]:
    for row in _rows("municipalities.csv"):
        yield Place(
            id=new_id(),
            ags=row["ags"],
            ars=row["ars"] or None,
            name=row["name"],
            official_name=row["official_name"],
            kind=MunicipalityKind(row["kind"]),
            district_key=row["district_key"],
            authority_key=row["authority_key"],
            district_authority_key=_districts()[row["district_key"]]["authority_key"],
            population=int(row["population"]) if row["population"] else None,
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            successor_ags=row["successor_ags"] or None,
        )


def _postcodes() -> Iterator[PostcodeEntry]:
    for row in _rows("postcodes.csv"):
        yield PostcodeEntry(
            id=new_id(),
            postcode=row["postcode"],
            ags=row["ags"],
            is_primary=row["is_primary"] == "1",
            kind=PostcodeKind(row["kind"]),
            confidence=row["confidence"],
        )


def _former_places() -> Iterator[FormerPlace]:
    for row in _rows("former_places.csv"):
        yield FormerPlace(id=new_id(), name=row["name"], ags=row["ags"], since=row["since"] or None)


def _competences() -> Iterator[CompetenceEntry]:
    for row in _rows("competence.csv"):
        yield CompetenceEntry(
            id=new_id(),
            ags=row["ags"],
            task=Task(row["task"]),
            authority_key=row["authority_key"],
            certainty=Certainty(row["certainty"]),
        )


def _units(directory: Directory) -> Iterator[UnitEntry]:
    """An authority has a unit for every rule that leads to it."""
    wanted: dict[tuple[str, str], str] = {}
    for rule in rules.rules().values():
        for place in directory.records.places:
            authority, _ = authority_for(directory, rule, place)
            wanted.setdefault((authority.key, rule.unit_key), rule.unit_name)
    for (authority_key, unit_key), name in wanted.items():
        yield UnitEntry(id=new_id(), authority_key=authority_key, key=unit_key, name=name)
