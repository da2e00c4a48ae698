import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekonto.authorities import names


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Fürth", "Fuerth"),
        ("Groß-Gerau", "gross gerau"),
        ("GROSSGERAU", "Groß-Gerau"),
        ("Frankfurt a. M.", "Frankfurt am Main"),
        ("Frankfurt/M", "Frankfurt am Main"),
        ("Ffm", "Frankfurt am Main"),
        ("Bad Homburg vdH", "Bad Homburg v. d. Höhe"),
        ("Höchst i. Odw.", "Höchst im Odenwald"),
        ("Hofheim a. Ts.", "Hofheim am Taunus"),
        ("Hess. Lichtenau", "Hessisch Lichtenau"),
        ("Stadt Hanau", "Hanau"),
        ("Darmstadt, Deutschland", "Darmstadt"),
    ],
)
def test_two_ways_to_write_a_place_meet(left: str, right: str) -> None:
    assert names.search_key(left) == names.search_key(right)


def test_a_name_is_taken_apart_into_what_it_is_called_and_what_tells_it_from_others() -> None:
    name = names.parse("Limburg a. d. Lahn")

    assert (name.full, name.base, name.qualifier) == ("limburglahn", "limburg", "lahn")


def test_names_are_sorted_as_in_a_german_telephone_list() -> None:
    places = ["Zwingenberg", "Ötigheim", "Offenbach", "Ober-Mörlen", "Aßlar", "Astheim"]

    assert sorted(places, key=names.sort_key) == [
        "Aßlar", "Astheim", "Ober-Mörlen", "Offenbach", "Ötigheim", "Zwingenberg",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("left", "right", "edits"),
    [
        ("hanau", "hanau", 0),
        ("hanua", "hanau", 1),
        ("hana", "hanau", 1),
        ("hannau", "hanau", 1),
        ("hxnxu", "hanau", 2),
    ],
)
def test_typing_mistakes_are_counted(left: str, right: str, edits: int) -> None:
    assert names.distance(left, right, limit=2) == edits


@given(st.text(max_size=12), st.text(max_size=12), st.integers(0, 4))
def test_the_distance_is_symmetric_and_never_above_the_limit_plus_one(
    left: str, right: str, limit: int
) -> None:
    edits = names.distance(left, right, limit=limit)

    assert edits == names.distance(right, left, limit=limit)
    assert (edits == 0) == (left == right)
    assert edits <= limit + 1


@given(st.text(max_size=300))
def test_any_text_can_be_folded(text: str) -> None:
    key = names.search_key(text)

    assert key == "" or (key.isascii() and key.isalnum())
