"""What the finder can answer. One of four; callers match on the class."""

from dataclasses import dataclass
from enum import StrEnum

from servicekonto.authorities.directory import AuthorityEntry, Place, UnitEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Competent:
    """``sentence`` names the rule; ``notes`` say what else one should know: merged, uncertain."""

    authority: AuthorityEntry
    unit: UnitEntry
    place: Place | None
    sentence: str
    source: str
    notes: tuple[str, ...] = ()

    @property
    def unit_key(self) -> str:
        return self.unit.key


@dataclass(frozen=True, slots=True)
class Candidate:
    """``value`` put in as the place gives exactly this one."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """Ask which one. ``outside``: a sentence for those who mean a place of that name elsewhere."""

    question: str
    candidates: tuple[Candidate, ...]
    outside: str | None = None


class OutsideKind(StrEnum):
    OTHER_STATE = "other_state"
    ABROAD = "abroad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    kind: OutsideKind
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    message: str
    suggestions: tuple[Candidate, ...] = ()


Answer = Competent | Ambiguous | Outside | Unknown
