import pytest

from servicekonto.files import printable


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Zeile\r\nZeile\rZeile", "Zeile\nZeile\nZeile"),
        ("a\tb", "a b"),
        ("nul\x00l", "null"),
        ("rechnung\u202efdp.exe", "rechnungfdp.exe"),
        ("u\u0308", "ü"),
        ("\ue000\ufffe\u200b", ""),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_only_what_can_be_seen_stays(typed: str, shown: str) -> None:
    assert printable.clean(typed) == shown


def test_a_character_that_no_font_has_is_named_by_its_number() -> None:
    assert printable.with_known_characters("Li 李\nMüller", None) == "Li [U+674E]\nMüller"


def test_every_text_in_a_json_value_is_changed_and_nothing_else() -> None:
    value = {"a": ["x", 1, None, ("y", True)], "b": {"c": "z"}}

    assert printable.in_every_text(str.upper, value) == {"a": ["X", 1, None, ["Y", True]], "b": {"c": "Z"}}
