"""Places that are not in Hessen: well-known cities, the other Länder, countries, postcodes. Pure."""

import csv
import functools
from dataclasses import dataclass
from importlib.resources import files

from babel import Locale
from flask_babel import get_locale, gettext

from servicekonto.authorities import names
from servicekonto.authorities.answers import OutsideKind

# First two digits of postcodes that lie mostly in Hessen: an unknown one may be a post office box there.
_MOSTLY_HESSEN = frozenset({"34", "35", "36", "60", "61", "63", "64", "65"})
_NEVER_ASSIGNED = frozenset({"00", "05", "43", "62"})
_NO_COUNTRIES = frozenset({"DE", "EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"})


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """``region`` is the Land or the country. For a country itself it equals the name.

    ``ask``: known well enough to be meant although a place in Hessen has the same name (Münster, Weimar).
    """

    kind: OutsideKind
    name: str
    region: str
    ask: bool = False

    @property
    def label(self) -> str:
        if self.name == self.region:
            return self.region_name
        return self.name if self.region in self.name else f"{self.name} ({self.region_name})"

    @property
    def region_name(self) -> str:
        """In the reader's language: countries as the CLDR names them, the others as our texts do."""
        code = _codes().get(self.region)
        if code is None:
            return str(gettext(self.region)) if self.region else ""
        return str((get_locale() or Locale("de")).territories[code])

    @property
    def is_only_a_postcode(self) -> bool:
        return self.name.isdigit()


def by_full_name(name: names.Name) -> Elsewhere | None:
    return _by_full().get(name.full) or _countries().get(name.full)


def namesake(name: names.Name) -> Elsewhere | None:
    """A well-known place elsewhere that a plain name without addition may mean just as well."""
    found = None if name.qualifier else _by_base().get(name.base)
    return found if found is not None and found.ask else None


def is_addition(name: names.Name) -> bool:
    """The name has an addition, and a place elsewhere has the same name before it."""
    return bool(name.qualifier) and name.base in _by_base()


def by_postcode(postcode: str) -> Elsewhere | None:
    """None when it may lie in Hessen, or cannot be a German postcode at all."""
    for first, last, place in _ranges():
        if first <= postcode <= last:
            return place
    if postcode[:2] in _MOSTLY_HESSEN | _NEVER_ASSIGNED:
        return None
    return Elsewhere(OutsideKind.OTHER_STATE, postcode, "")


def similar(name: names.Name) -> list[Elsewhere]:
    """One typing mistake away."""
    return [place for key, place in _by_full().items() if names.distance(name.full, key, limit=1) == 1]


@functools.cache
def _rows() -> tuple[dict[str, str], ...]:
    source = files("servicekonto.authorities") / "data" / "elsewhere.csv"
    return tuple(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


def _place(row: dict[str, str]) -> Elsewhere:
    return Elsewhere(OutsideKind(row["kind"]), row["name"], row["region"], ask=row["ask"] == "1")


@functools.cache
def _by_full() -> dict[str, Elsewhere]:
    return {names.search_key(row["name"]): _place(row) for row in _rows()}


@functools.cache
def _by_base() -> dict[str, Elsewhere]:
    return {names.parse(row["name"]).base: _place(row) for row in _rows()}


@functools.cache
def _ranges() -> tuple[tuple[str, str, Elsewhere], ...]:
    return tuple(
        (row["postcode_from"], row["postcode_to"], _place(row)) for row in _rows() if row["postcode_from"]
    )


@functools.cache
def _countries() -> dict[str, Elsewhere]:
    """The countries of the Unicode CLDR by their German and English names."""
    german = Locale("de").territories
    found = {}
    for code, name in (*Locale("en").territories.items(), *german.items()):
        if len(code) == 2 and code not in _NO_COUNTRIES:
            country = german.get(code, name)
            found[names.search_key(name)] = Elsewhere(OutsideKind.ABROAD, country, country)
    return found


@functools.cache
def _codes() -> dict[str, str]:
    """German name of a country → its code."""
    return {name: code for code, name in Locale("de").territories.items() if len(code) == 2}


def names_elsewhere() -> set[str]:
    return {row["name"] for row in _rows()}


def names_of_regions() -> set[str]:
    """Those the CLDR does not know, for the translators."""
    return {row["region"] for row in _rows()} - _codes().keys()
