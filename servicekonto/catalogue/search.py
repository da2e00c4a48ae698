"""Finding a service by everyday words: forgiving about umlauts, word forms and typing errors. No database.

In every language at once: who reads English may still know the German name.
"""

import difflib
from collections.abc import Iterable

from servicekonto.catalogue.queries import PublishedService
from servicekonto.core.spelling import words

CLOSE_ENOUGH = 0.78
SHORTEST_WORD = 3
LONGEST_QUESTION = 200
MOST_WORDS = 12  # each is compared with every word of every service


def search(text: str, services: Iterable[PublishedService]) -> list[PublishedService]:
    """Best match first; everything when nothing was asked."""
    wanted = _long_enough(words(text[:LONGEST_QUESTION])[:MOST_WORDS])
    services = list(services)
    if not wanted:
        return services
    scored = [(_score(wanted, service), service) for service in services]
    found = [pair for pair in scored if pair[0] > 0]
    return [service for _score_of, service in sorted(found, key=lambda pair: -pair[0])]


def _score(wanted: set[str], service: PublishedService) -> float:
    """0 unless every word asked for is found somewhere."""
    known = _words_of(service)
    best = [max((_likeness(word, other) for other in known), default=0.0) for word in wanted]
    return sum(best) / len(best) if min(best) >= CLOSE_ENOUGH else 0.0


def _words_of(service: PublishedService) -> set[str]:
    names = service.definition.names
    shown = [text for text in (names.name, names.official_name, names.short_description) if text]
    texts = [*(variant for text in shown for variant in text.variants), *names.search_words]
    return _long_enough(word for text in texts for word in words(text))


def _long_enough(found: Iterable[str]) -> set[str]:
    return {word for word in found if len(word) >= SHORTEST_WORD}


def _likeness(wanted: str, known: str) -> float:
    if wanted == known:
        return 1.0
    if wanted in known or (len(known) > SHORTEST_WORD and known in wanted):
        return 0.9
    matcher = difflib.SequenceMatcher(None, wanted, known)
    # The cheap upper bounds first: most words are far from each other.
    if matcher.real_quick_ratio() < CLOSE_ENOUGH or matcher.quick_ratio() < CLOSE_ENOUGH:
        return 0.0
    return matcher.ratio()
