"""A cell of an exported file never becomes a formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekonto.workbench.export import harmless


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "＝", "＋", "－", "＠"])
def test_what_begins_a_formula_becomes_text(begin: str) -> None:
    assert harmless(f"{begin}cmd|' /C calc'!A0") == f"'{begin}cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    "text", ["", "Jörg Müßig-Groß", "HE-2026-7K3F-9QXM-C", "O'Neill", "2026-11-23 10:00", "3"]
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@given(text=st.text(max_size=20))
def test_no_text_keeps_its_beginning_when_that_calculates(text: str) -> None:
    assert not harmless(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
