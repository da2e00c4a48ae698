"""docs/security/oidc-defects.md: each number once, in order, and each test it names is there."""

import re

import pytest

from config import PROJECT_ROOT
from tests.unit.test_asvs import cells, missing

PAGE = PROJECT_ROOT / "docs/security/oidc-defects.md"
_NAMED = re.compile(r"`([\w./]+\.py::test_\w+)`")


def rows(heading: str) -> list[list[str]]:
    part = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [cells(line) for line in part.splitlines() if re.match(r"\| \d+ \|", line)]


@pytest.mark.parametrize("heading", ["Defects", "Mistakes"])
def test_each_number_is_there_once_and_in_order(heading: str) -> None:
    numbers = [int(row[0]) for row in rows(heading)]

    assert numbers and numbers == sorted(set(numbers))


@pytest.mark.parametrize("heading", ["Defects", "Mistakes"])
def test_each_row_names_tests_that_are_there(heading: str) -> None:
    for number, _what, named in rows(heading):
        tests = _NAMED.findall(named)
        assert tests, number
        assert [test for test in tests if missing(test)] == [], number
