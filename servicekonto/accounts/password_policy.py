"""Which passwords are accepted: long ones that nobody guesses. No rules about kinds of characters.

Sources: NIST SP 800-63B-4 § 3.1.1.2, OWASP ASVS 5.0 6.2. The lists of common passwords are those of zxcvbn;
nothing is asked over the network.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from servicekonto.accounts.models import AccountKind
from servicekonto.accounts.passwords import normalised

# While the password is the only factor everybody needs 15 characters (NIST); with a second one 12 are enough.
MINIMUM_LENGTH = {AccountKind.CITIZEN: 15, AccountKind.STAFF: 15, AccountKind.OPERATOR: 15}
MAXIMUM_LENGTH = 128

SCORED_LENGTH = 32  # the time of the estimate grows steeply: 72 chosen characters cost over a second
SUFFICIENT_SCORE = 3
LEAST_REMAINDER = 5  # characters that must be left beside words everybody would try
LEAST_WORD = 4  # shorter parts of an address or a name would forbid half the language

_WORDS_FILE = Path(__file__).parent / "data" / "context_words.txt"
_TRANSCRIPTION = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"}
_YEAR = re.compile(r"(?:19|20)\d\d")
_SEPARATORS = re.compile(r"[\W_]+")

# zxcvbn speaks English; a test compares this table with what it can say.
ADVICE: dict[str, LazyString] = {
    "Straight rows of keys are easy to guess.": lazy_gettext(
        "Tasten, die nebeneinander liegen, sind leicht zu erraten."
    ),
    "Short keyboard patterns are easy to guess.": lazy_gettext(
        "Muster auf der Tastatur sind leicht zu erraten."
    ),
    'Repeats like "aaa" are easy to guess.': lazy_gettext("Wiederholungen wie „aaa“ sind leicht zu erraten."),
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': lazy_gettext(
        "Ein wiederholtes Wort ist kaum schwerer zu erraten als das Wort allein."
    ),
    'Sequences like "abc" or "6543" are easy to guess.': lazy_gettext(
        "Folgen wie „abc“ oder „6543“ sind leicht zu erraten."
    ),
    "Recent years are easy to guess.": lazy_gettext("Jahreszahlen sind leicht zu erraten."),
    "Dates are often easy to guess.": lazy_gettext("Ein Datum ist leicht zu erraten."),
    "This is a top-10 common password.": lazy_gettext("Dieses Passwort benutzen sehr viele Menschen."),
    "This is a top-100 common password.": lazy_gettext("Dieses Passwort benutzen sehr viele Menschen."),
    "This is a very common password.": lazy_gettext("Dieses Passwort benutzen sehr viele Menschen."),
    "This is similar to a commonly used password.": lazy_gettext(
        "Das Passwort ähnelt einem, das sehr viele Menschen benutzen."
    ),
    "A word by itself is easy to guess.": lazy_gettext("Ein einzelnes Wort ist leicht zu erraten."),
    "Names and surnames by themselves are easy to guess.": lazy_gettext("Namen sind leicht zu erraten."),
    "Common names and surnames are easy to guess.": lazy_gettext("Namen sind leicht zu erraten."),
}


def problem(password: str, *, kind: AccountKind, personal: Iterable[str] = ()) -> str | None:
    """What is wrong with it and how to do better, in one or two sentences; None when it is good.

    ``personal``: address and names of the owner; their parts must not make up the password.
    """
    return next(_problems(normalised(password), MINIMUM_LENGTH[kind], _parts_of(personal)), None)


def _problems(password: str, least: int, words: frozenset[str]) -> Iterator[str]:
    """The cheap checks first; the caller takes one."""
    if not password:
        yield gettext("Geben Sie ein Passwort ein.")
    if len(password) < least:
        yield gettext("Das Passwort ist zu kurz. Nehmen Sie mindestens %(least)s Zeichen.", least=least)
    if len(password) > MAXIMUM_LENGTH:
        yield gettext("Das Passwort ist zu lang. Möglich sind %(most)s Zeichen.", most=MAXIMUM_LENGTH)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in password):
        yield gettext("Das Passwort enthält ein Zeichen, das man nicht sehen kann. Geben Sie es neu ein.")
    if _is_common(password):
        yield gettext("Dieses Passwort benutzen sehr viele Menschen. Denken Sie sich ein eigenes aus.")
    if _is_made_of(password, words | context_words()):
        yield gettext(
            "Das Passwort besteht fast nur aus Wörtern, die man bei Ihnen zuerst versucht, zum Beispiel aus "
            "Ihrem Namen, einem Ort oder einem Monat. Nehmen Sie Wörter, die nichts mit Ihnen zu tun haben."
        )
    yield from _too_easy(password, words | context_words())


def _is_common(password: str) -> bool:
    word = password.casefold()
    return word in _common_passwords() or word.rstrip("0123456789!?.*#") in _common_passwords()


def _is_made_of(password: str, words: frozenset[str]) -> bool:
    rest = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, " ")
    return len(_SEPARATORS.sub("", _YEAR.sub(" ", rest))) < LEAST_REMAINDER


def _too_easy(password: str, words: frozenset[str]) -> Iterator[str]:
    """zxcvbn's estimate. Its entry point keeps the last caller's words in a global; these parts do not.

    Loaded when the first password is chosen: it takes 13 MB, and most processes never need them.
    """
    from zxcvbn import feedback, matching, scoring, time_estimates  # noqa: PLC0415

    sample = password[:SCORED_LENGTH]
    dictionaries = matching.RANKED_DICTIONARIES | {"user_inputs": matching.build_ranked_dict(sorted(words))}
    estimate = scoring.most_guessable_match_sequence(sample, matching.omnimatch(sample, dictionaries))
    score = time_estimates.estimate_attack_times(estimate["guesses"])["score"]
    if score < SUFFICIENT_SCORE:
        warning = feedback.get_feedback(score, estimate["sequence"])["warning"]
        reason = ADVICE.get(warning) or gettext("Das Passwort ist leicht zu erraten.")
        yield f"{reason} " + gettext("Nehmen Sie vier oder mehr Wörter, die nicht zusammengehören.")


def _parts_of(texts: Iterable[str]) -> frozenset[str]:
    """``erika.mustermann@example.org`` → erika, mustermann, example, erikamustermann …"""
    words = set()
    for text in texts:
        parts = _SEPARATORS.split(normalised(text).casefold())
        words |= {part for part in [*parts, "".join(parts[:2])] if len(part) >= LEAST_WORD}
    return frozenset(words)


@functools.cache
def context_words() -> frozenset[str]:
    lines = _WORDS_FILE.read_text(encoding="utf-8").splitlines()
    words = {line for line in lines if line and not line.startswith("#")}
    return frozenset(words | {_without_umlauts(word) for word in words})


def _without_umlauts(word: str) -> str:
    return word.translate(_TRANSCRIPTION)


@functools.cache
def _common_passwords() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return frozenset(cast(list[str], FREQUENCY_LISTS["passwords"]))
