"""Places, authorities and who is competent where, as plain values with look-ups. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from uuid import UUID

from servicekonto.authorities import names
from servicekonto.authorities.kinds import AuthorityKind, Certainty, MunicipalityKind, PostcodeKind, Task

V = TypeVar("V")


def is_valid(on: date, valid_from: date | None, valid_to: date | None) -> bool:
    """``valid_from`` is the first day, ``valid_to`` the first day no more; None means without limit."""
    return (valid_from is None or valid_from <= on) and (valid_to is None or on < valid_to)


def address_lines(street: str | None, postcode: str | None, city: str | None) -> tuple[str, ...]:
    """What is known of an address, as it is written on a letter below the name."""
    return tuple(line for line in (street, " ".join(part for part in (postcode, city) if part)) if line)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityEntry:
    id: UUID
    key: str
    name: str
    kind: AuthorityKind
    parent_key: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    email: str | None = None
    telephone: str | None = None
    website: str | None = None
    opening_hours: str | None = None

    @property
    def address_lines(self) -> tuple[str, ...]:
        return address_lines(self.street, self.postcode, self.city)

    @property
    def genitive(self) -> str:
        """Whose office it is: "der Stadt Hanau", "des Main-Kinzig-Kreises" (the name without its organ)."""
        return self.name.partition(" ")[2]

    @property
    def territory(self) -> str:
        """ "Main-Kinzig-Kreis" for the "Kreisausschuss des Main-Kinzig-Kreises"."""
        words = self.genitive.split(" ")[1:]
        if self.kind is AuthorityKind.DISTRICT:
            words[0] = words[0].removesuffix("es")
        return " ".join(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitEntry:
    id: UUID
    authority_key: str
    key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A municipality as it was between two days."""

    id: UUID
    ags: str
    ars: str | None
    name: str
    official_name: str
    kind: MunicipalityKind
    district_key: str
    authority_key: str
    district_authority_key: str
    population: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successor_ags: str | None = None

    def valid(self, on: date) -> bool:
        return is_valid(on, self.valid_from, self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostcodeEntry:
    id: UUID
    postcode: str
    ags: str
    is_primary: bool
    kind: PostcodeKind
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerPlace:
    """A name that is now part of a municipality. ``since`` is a day, a year or None (not known to us)."""

    id: UUID
    name: str
    ags: str
    since: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetenceEntry:
    id: UUID
    ags: str
    task: Task
    authority_key: str
    certainty: Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Everything the packaged files or the tables hold."""

    authorities: tuple[AuthorityEntry, ...]
    units: tuple[UnitEntry, ...]
    places: tuple[Place, ...]
    postcodes: tuple[PostcodeEntry, ...]
    former_places: tuple[FormerPlace, ...]
    competences: tuple[CompetenceEntry, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A name by which something is found: a place, or a former place that is part of one."""

    name: names.Name
    place: Place
    former: FormerPlace | None = None

    @property
    def label(self) -> str:
        return f"{self.former.name} ({self.place.name})" if self.former else self.place.name

    @property
    def keys(self) -> set[str]:
        """By which it is found exactly; the label too, because it is the value of a choice."""
        return {self.name.full, names.search_key(self.label)}


@dataclass(slots=True)
class Directory:
    records: Records
    authorities: dict[str, AuthorityEntry] = field(init=False)
    authorities_by_id: dict[UUID, AuthorityEntry] = field(init=False)
    places: dict[str, Place] = field(init=False)
    named: tuple[Named, ...] = field(init=False)
    by_full: dict[str, list[Named]] = field(init=False)
    by_base: dict[str, list[Named]] = field(init=False)
    _units: dict[tuple[str, str], UnitEntry] = field(init=False)
    _postcodes: dict[str, list[PostcodeEntry]] = field(init=False)
    _competences: dict[tuple[str, Task], CompetenceEntry] = field(init=False)
    _districts: dict[str, AuthorityEntry] = field(init=False)

    def __post_init__(self) -> None:
        records = self.records
        self.authorities = {entry.key: entry for entry in records.authorities}
        self.authorities_by_id = {entry.id: entry for entry in records.authorities}
        self.places = {place.ags: place for place in records.places}
        self.named = tuple(self._all_names())
        self.by_full = _grouped((key, named) for named in self.named for key in named.keys)
        self.by_base = _grouped((named.name.base, named) for named in self.named)
        self._units = {(unit.authority_key, unit.key): unit for unit in records.units}
        self._postcodes = _grouped((entry.postcode, entry) for entry in records.postcodes)
        self._competences = {(entry.ags, entry.task): entry for entry in records.competences}
        self._districts = {
            _district_key(entry.territory): entry
            for entry in records.authorities
            if entry.kind is AuthorityKind.DISTRICT
        }

    def authority(self, key: str) -> AuthorityEntry:
        return self.authorities[key]

    def unit(self, authority_key: str, unit_key: str) -> UnitEntry | None:
        return self._units.get((authority_key, unit_key))

    def competence(self, place: Place, task: Task) -> CompetenceEntry:
        return self._competences[place.ags, task]

    def is_known_postcode(self, postcode: str) -> bool:
        return postcode in self._postcodes

    def postcodes_near(self, postcode: str) -> list[str]:
        """Known codes one typing mistake away."""
        return sorted(p for p in self._postcodes if names.distance(postcode, p, limit=1) <= 1)

    def at_postcode(self, postcode: str, *, on: date) -> list[tuple[Place, bool]]:
        """The places of a postcode with "is the main one", main and bigger ones first."""
        found: dict[str, tuple[Place, bool]] = {}
        for entry in self._postcodes.get(postcode, ()):
            for place in self.on_day(self.places[entry.ags], on=on):
                found[place.ags] = (place, entry.is_primary)
        return sorted(found.values(), key=lambda pair: (not pair[1], -(pair[0].population or 0)))

    def on_day(self, place: Place, *, on: date) -> list[Place]:
        """What this municipality was called or became part of on that day; several only before a merger."""
        while place.valid_to is not None and place.valid_to <= on and place.successor_ags:
            place = self.places[place.successor_ags]
        if place.valid(on):
            return [place]
        return [p for p in self.records.places if p.successor_ags == place.ags and p.valid(on)]

    def municipalities_of(self, authority: AuthorityEntry, *, on: date) -> list[Place]:
        members = [
            place
            for place in self.records.places
            if place.district_authority_key == authority.key
            and place.kind is not MunicipalityKind.UNINCORPORATED_AREA
            and place.valid(on)
        ]
        return sorted(members, key=lambda place: names.sort_key(place.name))

    def district_called(self, text: str) -> AuthorityEntry | None:
        """Only what calls itself a district: "Fulda" is the city, "Kreis Fulda" the district."""
        key = _district_key(text)
        return self._districts.get(key) if key != names.search_key(text) else None

    def regional_council_of(self, place: Place) -> AuthorityEntry:
        entry = self.authorities[place.district_authority_key]
        while entry.kind is not AuthorityKind.REGIONAL_COUNCIL:
            entry = self.authorities[entry.parent_key or ""]
        return entry

    def _all_names(self) -> Iterable[Named]:
        for place in self.records.places:
            yield Named(names.parse(place.name), place)
        for former in self.records.former_places:
            yield Named(names.parse(former.name), self.places[former.ags], former)


def _district_key(text: str) -> str:
    words = (word for word in names.parse(text).words if word not in names.DISTRICT_WORDS)
    return "".join(words).replace("landkreis", "").replace("kreis", "")


def _grouped(pairs: Iterable[tuple[str, V]]) -> dict[str, list[V]]:
    groups: dict[str, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return dict(groups)
