"""The table of modules in ``docs/security/oidc-conformance.md``."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/security/oidc-conformance.md"
OURS, OTHER = "Servicekonto", "oidc-provider"
PASSES, HAS_NONE = "passes", "has none"
_ROW = re.compile(r"\| `((?:oidcc|fapi2)-[\w-]+)` \|")
_TEST = re.compile(r"`conformance/([\w.]+)::(test_\w+)`")


@dataclass(frozen=True)
class Row:
    """``results``: column → PASSES, or HAS_NONE where a provider does not have what the module is about."""

    module: str
    file: str
    test: str
    results: dict[str, str]
    remark: str


@functools.cache
def rows() -> tuple[Row, ...]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return tuple(_row(line) for line in lines if _ROW.match(line))


def contradiction(test: str, provider: str, *, is_skipped: bool) -> str | None:
    """Between the page and what has just happened. Tests of no module may be skipped by nobody but others."""
    column = OURS if provider.startswith("servicekonto-") else provider
    known = {row.test: row.results for row in rows()}
    expected = known[test][column] if test in known else None
    if is_skipped and (expected == PASSES or (expected is None and column == OURS)):
        return f"{PAGE.name} does not say that {provider} has nothing of this."
    if not is_skipped and expected == HAS_NONE:
        return f"{PAGE.name} says that {provider} has nothing of this, and it passes."
    return None


def _row(line: str) -> Row:
    module, named, ours, others, remark = (cell.strip() for cell in line.strip().strip("|").split("|"))
    found = _TEST.fullmatch(named)
    assert found is not None, f"{module}: {named} is no test"
    return Row(module.strip("` "), found[1], found[2], {OURS: ours, OTHER: others}, remark)
