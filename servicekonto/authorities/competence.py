"""Who is competent, for packages above and for pages: the finder over the reference data in memory."""

from datetime import date

from servicekonto.authorities import finder
from servicekonto.authorities.answers import (
    Ambiguous,
    Answer,
    Candidate,
    Competent,
    Outside,
    OutsideKind,
    Unknown,
)
from servicekonto.authorities.places import Located
from servicekonto.authorities.queries import directory

__all__ = [
    "Ambiguous",
    "Answer",
    "Candidate",
    "Competent",
    "Located",
    "Outside",
    "OutsideKind",
    "Unknown",
    "find",
    "find_place",
]


def find(rule_key: str, place: str, *, on: date) -> Answer:
    """Which authority is competent for this place on that day; see ``finder.find``. One query when warm."""
    return finder.find(directory(), rule_key, place, on=on)


def find_place(text: str, *, on: date) -> Located | Ambiguous | Outside | Unknown:
    """Only the place: for questions that no rule of competence depends on."""
    return finder.find_place(directory(), text, on=on)
