"""Finding a service by everyday words: forgiving about umlauts, word forms and typing errors. No database."""

import difflib
import unicodedata
from collections.abc import Iterable

from servicekonto.catalogue.queries import PublishedService

CLOSE_ENOUGH = 0.78
SHORTEST_WORD = 3

_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def search(text: str, services: Iterable[PublishedService]) -> list[PublishedService]:
    """Best match first; everything when nothing was asked."""
    wanted = [word for word in normalise(text).split() if len(word) >= SHORTEST_WORD]
    services = list(services)
    if not wanted:
        return services
    scored = [(score, position) for position, service in enumerate(services) if (score := _score(wanted, service))]
    return [services[position] for _score_, position in sorted(scored, key=lambda hit: (-hit[0], hit[1]))]


def normalise(text: str) -> str:
    folded = text[:200].casefold().translate(_SPELLED_OUT)
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(char if char.isalnum() else " " for char in decomposed if not unicodedata.combining(char))


def _score(wanted: list[str], service: PublishedService) -> float:
    """0 unless every word asked for is found somewhere."""
    words = _words_of(service)
    best = [max((_likeness(word, known) for known in words), default=0.0) for word in wanted]
    return sum(best) / len(best) if min(best) >= CLOSE_ENOUGH else 0.0


def _words_of(service: PublishedService) -> set[str]:
    names = service.definition.names
    texts = [str(names.name), str(names.official_name or ""), str(names.short_description), *names.search_words]
    return {word for text in texts for word in normalise(text).split() if len(word) >= SHORTEST_WORD}


def _likeness(wanted: str, known: str) -> float:
    if wanted == known:
        return 1.0
    if wanted in known or (len(known) > SHORTEST_WORD and known in wanted):
        return 0.9
    return difflib.SequenceMatcher(None, wanted, known).ratio()
