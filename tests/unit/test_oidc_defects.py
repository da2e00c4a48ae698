"""docs/security/oidc-defects.md: each number once, in order, and each test it names is there."""

import re

from config import PROJECT_ROOT
from tests.unit.test_asvs import cells, missing

PAGE = PROJECT_ROOT / "docs/security/oidc-defects.md"
ROWS = [
    cells(line) for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| [DT]\d+ \|", line)
]
_NAMED = re.compile(r"`([\w./]+\.py::test_\w+)`")


def test_each_number_is_there_once_and_in_order() -> None:
    numbers = [(row[0][0], int(row[0][1:])) for row in ROWS]

    assert numbers == sorted(set(numbers))


def test_each_row_names_tests_that_are_there() -> None:
    for number, _what, named in ROWS:
        tests = _NAMED.findall(named)
        assert tests or re.fullmatch(r"as [DT]\d+( and [DT]\d+)*", named), number
        assert [test for test in tests if missing(test)] == [], number
