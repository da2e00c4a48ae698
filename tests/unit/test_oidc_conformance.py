"""docs/security/oidc-conformance.md: each module once, with a test of its name; a reason for each gap."""

import re
from collections import Counter

from config import PROJECT_ROOT
from tests.conformance.results import HAS_NONE, PASSES, rows
from tests.unit.test_asvs import functions_of, missing

FOLDER = PROJECT_ROOT / "tests/conformance"
MODULES_OF_PLAN = {
    "oidcc-basic-certification-test-plan": 38,
    "oidcc-config-certification-test-plan": 1,
    "oidcc-rp-initiated-logout-certification-test-plan": 11,
    "oidcc-backchannel-rp-initiated-logout-certification-test-plan": 2,
}
"""How many the suite has."""


def test_each_module_is_there_once() -> None:
    assert [module for module, times in Counter(row.module for row in rows()).items() if times > 1] == []


def test_each_plan_is_complete() -> None:
    page = (PROJECT_ROOT / "docs/security/oidc-conformance.md").read_text(encoding="utf-8")
    plans = re.split(r"^## ", page, flags=re.MULTILINE)[1:]

    found = {plan.split()[0].rstrip(","): len(re.findall(r"^\| `", plan, re.MULTILINE)) for plan in plans}

    assert found.items() >= MODULES_OF_PLAN.items()


def test_each_module_has_a_test_of_its_name() -> None:
    for row in rows():
        assert row.test == "test_" + row.module.lower().replace("-", "_")
        assert not missing(f"conformance/{row.file}::{row.test}"), row.module


def test_each_test_of_a_module_is_on_the_page() -> None:
    """A module may have further tests: their names begin as its own does."""
    known = tuple(row.test for row in rows())
    there = {test for file in FOLDER.glob("test_*.py") for test in functions_of(file)}

    of_modules = {test for test in there if test.startswith(("test_oidcc_", "test_fapi2_"))}

    assert {test for test in of_modules if not test.startswith(known)} == set()


def test_what_a_provider_does_not_have_has_a_reason() -> None:
    for row in rows():
        assert set(row.results.values()) <= {PASSES, HAS_NONE}, row.module
        assert row.remark or HAS_NONE not in row.results.values(), row.module
