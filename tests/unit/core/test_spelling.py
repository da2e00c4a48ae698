import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekonto.core.spelling import fold, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müßig-Groß", "MUESSIG GROSS"),
        ("Jörg", "joerg"),
        ("Jo\u0308rg", "Jörg"),
        ("René", "rene"),
        ("Łukasz", "lukasz"),
        ("İnönü", "Inönü"),
        ("O'Neill", "o neill"),
    ],
)
def test_what_people_write_differently_and_mean_the_same(one: str, other: str) -> None:
    assert words(one) == words(other)


def test_other_names_stay_other_names() -> None:
    assert words("Meier") != words("Mayer")


@given(st.text())
def test_folding_again_changes_nothing_more_in_the_words(text: str) -> None:
    once = words(text)

    assert all(part and " " not in part for part in once)
    assert isinstance(fold(text), str)
