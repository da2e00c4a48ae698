"""Place names as people write them: folding, abbreviations, qualifiers and typing mistakes. Pure.

Both sides of a comparison are folded the same way, so "Grossgerau", "Groß Gerau" and "Gross-Gerau" meet.
"""

import re
import unicodedata
from dataclasses import dataclass

from servicekonto.core import spelling

MAX_LENGTH = 100

_TOKEN = re.compile(r"[a-z0-9]+|[(/,]")
_BREAKS = frozenset("(/,")
_CONNECTORS = frozenset(
    {"a", "am", "an", "auf", "b", "bei", "d", "dem", "den", "der", "i", "im", "in", "ob", "v", "vor", "unter"}
)
DISTRICT_WORDS = frozenset({"kreis", "kr", "landkreis", "lk"})
_EXPANSIONS = {
    "m": ("am", "main"),
    "odw": ("odenwald",),
    "t": ("taunus",),
    "ts": ("taunus",),
    "rh": ("rhein",),
    "h": ("hohe",),
    "vdh": ("vor", "der", "hohe"),
    "hess": ("hessen",),
}
_FIRST_EXPANSIONS = {"hess": ("hessisch",), "ffm": ("frankfurt", "am", "main")}
_POLITE_STARTS = frozenset({"stadt", "gemeinde", "universitatsstadt", "landeshauptstadt", "kreisstadt"})
_POLITE_ENDS = frozenset({"deutschland", "germany", "brd"})


@dataclass(frozen=True, slots=True)
class Name:
    """``full`` without connecting words, ``base`` without what tells it from others of that name.

    "Limburg a. d. Lahn": full "limburglahn", base "limburg", qualifier "lahn".
    ``spelling`` keeps the umlauts.
    """

    full: str
    base: str
    qualifier: str
    words: tuple[str, ...]
    spelling: str


def fold(text: str) -> str:
    """See ``core.spelling.fold``; nobody's place is longer."""
    return spelling.fold(text[: 2 * MAX_LENGTH])


def parse(text: str) -> Name:
    tokens = _tokens(fold(text))
    cut = next((i for i, t in enumerate(tokens) if i and _ends_the_base(t)), len(tokens))
    base = [t for t in tokens[:cut] if t not in _BREAKS]
    words = [t for t in tokens if t not in _BREAKS and t not in _CONNECTORS]
    if not words:
        base = words = [t for t in tokens if t not in _BREAKS]
    qualifier = "".join(t for t in tokens[cut:] if t not in _BREAKS and t not in _CONNECTORS)
    return Name(
        full="".join(words),
        base="".join(base),
        qualifier=qualifier,
        words=tuple(words),
        spelling=" ".join(text[:MAX_LENGTH].casefold().split()),
    )


def search_key(text: str) -> str:
    return parse(text).full


def sort_key(text: str) -> str:
    """Alphabetical order as in DIN 5007-1: umlauts like their vowels, ß like ss."""
    text = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in text if not unicodedata.combining(c))


def distance(left: str, right: str, *, limit: int) -> int:
    """Edits (insert, delete, replace, swap neighbours) from left to right; ``limit + 1`` means more."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return min(previous[-1], limit + 1)


def _ends_the_base(token: str) -> bool:
    return token in _BREAKS or token in _CONNECTORS or token in DISTRICT_WORDS


def _tokens(folded: str) -> list[str]:
    tokens = _TOKEN.findall(folded)
    while len(tokens) > 1 and tokens[0] in _POLITE_STARTS:
        del tokens[0]
    while len(tokens) > 1 and (tokens[-1] in _POLITE_ENDS or tokens[-1] in _BREAKS):
        del tokens[-1]
    expanded: list[str] = []
    for index, token in enumerate(tokens):
        # A single letter is an abbreviation only behind a name: "Frankfurt/M.", "Bad Homburg v. d. H."
        expanded.extend((_EXPANSIONS if index else _FIRST_EXPANSIONS).get(token, (token,)))
    return expanded
