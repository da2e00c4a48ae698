"""docs/security/oidc-defects.md: every test that is named there exists."""

import re

from config import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs/security/oidc-defects.md"
_NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
_ROW = re.compile(r"^\| ([DT]\d+) \|", re.MULTILINE)


def test_every_test_that_is_named_exists() -> None:
    named = _NAMED.findall(PAGE.read_text(encoding="utf-8"))

    missing = [
        (file, test)
        for file, test in named
        if f"def {test}(" not in (PROJECT_ROOT / "tests" / file).read_text(encoding="utf-8")
    ]

    assert named and missing == []


def test_every_number_is_there_once() -> None:
    numbers = _ROW.findall(PAGE.read_text(encoding="utf-8"))

    assert len(numbers) == len(set(numbers))
