"""docs/security/asvs.md, as far as a program can tell: every number is there once, what is named exists."""

import functools
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from config import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs/security/asvs.md"
STATUSES = ("met", "n/a", "gap", "not built")

# How many requirements of levels 1 and 2 each chapter of OWASP ASVS 5.0.0 has.
LEVEL_1 = (8, 4, 8, 2, 4, 13, 6, 4, 4, 5, 3, 3, 1, 2, 3, 0, 0)
ALL = (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7)

_ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ")
_SUM = re.compile(r"\| (V\d+ [^|]+|\*\*all\*\*) \|")
_NAMED = re.compile(r"`([^`\s]+)`")
_FILE = re.compile(r"[\w.@/-]+\.(?:py|md|cfg|sql|txt|json|html|js|example)|[\w.-][\w./-]*/")


@dataclass(frozen=True)
class Row:
    number: str
    level: str
    requirement: str
    status: str
    how: str
    shown_by: str

    @property
    def chapter(self) -> int:
        return int(self.number.partition(".")[0])


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


LINES = PAGE.read_text(encoding="utf-8").splitlines()
ROWS = [Row(*cells(line)) for line in LINES if _ROW.match(line)]


def found(name: str) -> Path | None:
    """As the page says: from the repository, from ``servicekonto/``, from ``tests/``."""
    for folder in ("", "servicekonto", "tests"):
        path = PROJECT_ROOT / folder / name
        if path.exists():
            return path
    return None


@functools.cache
def functions_of(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r"^\s*def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE))


def missing(name: str) -> bool:
    file, _, function = name.partition("::")
    if not function and not _FILE.fullmatch(file):
        return False
    path = found(file)
    return path is None or bool(function and function not in functions_of(path))


def test_every_number_is_there_once() -> None:
    numbers = [row.number for row in ROWS]
    by_chapter = Counter(row.chapter for row in ROWS)
    of_level_1 = Counter(row.chapter for row in ROWS if row.level == "1")

    assert len(set(numbers)) == len(numbers) == 253
    assert tuple(by_chapter[chapter] for chapter in range(1, 18)) == ALL
    assert tuple(of_level_1[chapter] for chapter in range(1, 18)) == LEVEL_1
    assert {row.level for row in ROWS} == {"1", "2"}
    assert numbers == sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])


def test_every_row_says_how_or_why_not() -> None:
    assert [
        row.number for row in ROWS if row.status not in STATUSES or not row.requirement or not row.how
    ] == []


def test_what_is_met_is_shown_by_a_test_or_a_command() -> None:
    shown = [row.number for row in ROWS if row.status == "met" and not re.search(r"`[^`]+`", row.shown_by)]

    assert shown == []


@pytest.mark.parametrize("page", ["asvs.md", "threat-model.md", "rules.md"])
def test_everything_that_is_named_exists(page: str) -> None:
    text = (PROJECT_ROOT / "docs/security" / page).read_text(encoding="utf-8")
    named = [name for name in _NAMED.findall(text) if "…" not in name]

    assert len(named) > 20
    assert [name for name in named if missing(name)] == []


def test_the_sums_are_those_of_the_rows() -> None:
    sums = {cells(line)[0].strip("*"): cells(line)[1:] for line in LINES if _SUM.match(line)}
    counted = {name: [row.status for row in ROWS if name in ("all", _chapter(row))] for name in sums}

    assert len(sums) == 18
    for name, statuses in counted.items():
        numbers = [int(number.strip("*")) for number in sums[name]]
        assert numbers == [*(statuses.count(status) for status in STATUSES), len(statuses)], name
    head = " ".join(LINES[:8])
    told = Counter(row.status for row in ROWS)
    for sentence in (
        f"**{told['met']} are met**",
        f"{told['n/a']} do not apply",
        f"**{told['gap']} are gaps**",
    ):
        assert sentence in head


@functools.cache
def _headings() -> dict[int, str]:
    titles = [line.removeprefix("## ") for line in LINES if line.startswith("## V")]
    return {int(title.split()[0].removeprefix("V")): title for title in titles}


def _chapter(row: Row) -> str:
    return _headings()[row.chapter]
