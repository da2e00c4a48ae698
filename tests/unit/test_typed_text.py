"""Piled up accents are refused at the door; everything that people write passes."""

import sys
import unicodedata

import pytest

from servicekonto.web.typed_text import MOST_MARKS, has_piled_up_marks


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Jörg Müßig",
        unicodedata.normalize("NFD", "Đặng Thị Ánh Tuyết, Ångström, Çiğdem, Łódź"),
        unicodedata.normalize("NFD", "Nguyễn " * 1000),
        "שָׁלוֹם עֲלֵיכֶם",
        "ﾊﾞｸﾞﾀﾞｯﾄﾞ",
        "བོད་སྐད",
        "a" + "\u0301" * MOST_MARKS,
    ],
)
def test_what_people_write_passes(text: str) -> None:
    assert not has_piled_up_marks(text)


@pytest.mark.parametrize("mark", ["\u0301", "\u0301\u0316", "\u0f73", "\uff9e", "\U0001e8d0"])
def test_more_marks_than_any_language_has_are_refused(mark: str) -> None:
    assert has_piled_up_marks("a" + mark * (MOST_MARKS + 1))


def test_every_character_that_falls_apart_into_marks_counts() -> None:
    characters = (chr(number) for number in range(sys.maxunicode + 1) if not 0xD800 <= number < 0xE000)
    begins_with_a_mark = (
        char for char in characters if unicodedata.combining(unicodedata.normalize("NFKD", char)[0])
    )

    assert all(has_piled_up_marks(char * (MOST_MARKS + 1)) for char in begins_with_a_mark)
