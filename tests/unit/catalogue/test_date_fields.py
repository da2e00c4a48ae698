from datetime import date
from typing import Any

import pytest

from servicekonto.catalogue.definition.dates import age_on, resolve
from tests.unit.catalogue.samples import TODAY, a_field, refusal


def typed(day: str, month: str, year: str) -> dict[str, str]:
    return {"day": day, "month": month, "year": year}


@pytest.mark.parametrize(
    "raw", [typed("1", "2", "1985"), typed("01", "02", "1985"), typed(" 1", "2 ", "1985")]
)
def test_a_date_is_typed_in_three_parts(raw: dict[str, str]) -> None:
    field = a_field("date")

    assert field.parse(raw, TODAY) == "1985-02-01"
    assert field.show("1985-02-01") == ["01.02.1985"]
    assert field.to_raw("1985-02-01") == typed("1", "2", "1985")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (typed("", "2", "1985"), "incomplete_date"),
        (typed("1", "", "1985"), "incomplete_date"),
        (typed("1", "2", ""), "incomplete_date"),
        (typed("1", "2", "85"), "year"),
        (typed("31", "2", "1985"), "date"),
        (typed("29", "2", "2025"), "date"),
        (typed("1", "Mai", "1985"), "date"),
        (typed("1", "2", "١٩٨٥"), "date"),
        (typed("-1", "2", "1985"), "date"),
        (typed("1", "1", "1799"), "too_early"),
    ],
)
def test_a_wrong_date_is_refused_with_what_is_wrong(raw: dict[str, str], code: str) -> None:
    assert refusal(a_field("date"), raw) == code


@pytest.mark.parametrize("raw", [None, {}, typed("", "", ""), "1985-02-01", [1, 2, 1985], {"day": 1}])
def test_nothing_usable_typed_is_no_date(raw: Any) -> None:
    assert a_field("date").parse(raw, TODAY) is None


def test_limits_move_with_the_day() -> None:
    field = a_field("date", min="today-110y", max="today")

    assert refusal(field, typed("22", "11", "1916")) == "too_early"
    assert refusal(field, typed("23", "11", "1916")) == ""
    assert refusal(field, typed("24", "11", "2026")) == "too_late"
    assert refusal(field, typed("23", "11", "2026")) == ""


@pytest.mark.parametrize(
    ("bound", "day"),
    [
        ("today", date(2026, 11, 23)),
        ("today-16y", date(2010, 11, 23)),
        ("today+3m", date(2027, 2, 23)),
        ("today-10d", date(2026, 11, 13)),
        ("today-9999y", date.min),
        ("today+9999y", date.max),
        ("2026-01-31", date(2026, 1, 31)),
    ],
)
def test_a_bound_is_a_date_or_relative_to_today(bound: str, day: date) -> None:
    assert resolve(bound, TODAY) == day


def test_the_end_of_a_month_stays_the_end_of_a_month() -> None:
    assert resolve("today+1m", date(2026, 1, 31)) == date(2026, 2, 28)
    assert resolve("today-1y", date(2024, 2, 29)) == date(2023, 2, 28)
    assert resolve("today+1m", date(2026, 8, 31)) == date(2026, 9, 30)


def test_who_was_born_on_29_february_grows_older_on_1_march() -> None:
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18
    assert age_on(date(2010, 11, 23), TODAY) == 16
