"""Services are found by everyday words, and a long question costs no more than a short one."""

import difflib
from uuid import UUID

import pytest

from servicekonto.catalogue.cli import DEFINITIONS
from servicekonto.catalogue.definition import load_definitions
from servicekonto.catalogue.queries import PublishedService
from servicekonto.catalogue.search import MOST_WORDS, search

ANY_VERSION = UUID("01890000-0000-7000-8000-000000000000")


@pytest.fixture(scope="module")
def services() -> list[PublishedService]:
    return [PublishedService(ANY_VERSION, found) for found in load_definitions(DEFINITIONS).values()]


def slugs(found: list[PublishedService]) -> list[str]:
    return [service.definition.slug for service in found]


@pytest.mark.parametrize(
    "text", ["Geburtsurkunde", "geburtsurkunden", "Geburtsurkunte", "GEBURT", "birth certificate"]
)
def test_a_service_is_found_by_its_words_with_their_typing_errors(
    services: list[PublishedService], text: str
) -> None:
    assert slugs(search(text, services)) == ["geburtsurkunde"]


@pytest.mark.parametrize("text", ["Raumschiff", "Geburtsurkunde Raumschiff", "x" * 200])
def test_what_no_service_is_about_finds_none(services: list[PublishedService], text: str) -> None:
    assert search(text, services) == []


@pytest.mark.parametrize("text", ["", "  ", "ab"])
def test_who_asks_nothing_gets_everything(services: list[PublishedService], text: str) -> None:
    assert search(text, services) == services


def test_only_the_first_words_of_a_long_question_are_compared(
    services: list[PublishedService], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    class Counting(difflib.SequenceMatcher[str]):
        def __init__(self, junk: None, wanted: str, known: str) -> None:
            compared.append(wanted)
            super().__init__(junk, wanted, known)

    monkeypatch.setattr(difflib, "SequenceMatcher", Counting)

    search(" ".join(f"wort{number}" for number in range(30)), services)

    assert 0 < len(set(compared)) <= MOST_WORDS
