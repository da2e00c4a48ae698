"""How sure things are, in the words of the protocol, and how sure they can be here at most."""

from servicekonto.accounts import levels
from servicekonto.accounts.models import RANKS, AssuranceLevel
from servicekonto.authorities import identity

_LEVEL = "http://eidas.europa.eu/LoA/"

URIS: dict[AssuranceLevel, str] = {
    AssuranceLevel.LOW: _LEVEL + "low",
    AssuranceLevel.SUBSTANTIAL: _LEVEL + "substantial",
    AssuranceLevel.HIGH: _LEVEL + "high",
}
"""From the lowest to the highest (Implementing Regulation (EU) 2015/1502); ``basic`` has none."""


def rank(level: AssuranceLevel) -> int:
    return RANKS[level]


HIGHEST = min(identity.LIFTED_TO, max(levels.LEVELS.values(), key=rank), key=rank)
"""What somebody can be known at and sign in at, both: an online ID would be the first way to *high*."""

OFFERED: tuple[AssuranceLevel, ...] = tuple(level for level in URIS if HIGHEST.reaches(level))
"""From the lowest to the highest: what is published, and what a website may demand."""


def lower(one: AssuranceLevel, other: AssuranceLevel) -> AssuranceLevel:
    """Of two, as a website is told."""
    return published(min(one, other, key=rank))


def published(level: AssuranceLevel) -> AssuranceLevel:
    """As a website is told. What nobody has checked is *low*, too: that is what *low* says of it."""
    return min(max(level, AssuranceLevel.LOW, key=rank), HIGHEST, key=rank)
