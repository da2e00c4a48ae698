"""Dates that move with the day the form is filled in: ``today``, ``today-110y``, ``2026-01-01``."""

import re
from calendar import isleap
from datetime import date, timedelta
from typing import Annotated

from pydantic import AfterValidator

_RELATIVE = re.compile(r"today(?:([+-])([0-9]{1,4})([dmy]))?")


def _checked(text: str) -> str:
    if _RELATIVE.fullmatch(text):
        return text
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("write a date as 2026-01-31, today, today-16y, today+3m or today-10d") from None


DateBound = Annotated[str, AfterValidator(_checked)]


def resolve(bound: str, today: date) -> date:
    match = _RELATIVE.fullmatch(bound)
    if match is None:
        return date.fromisoformat(bound)
    sign, amount, unit = match.groups()
    if sign is None:
        return today
    return _move(today, int(amount) * (1 if sign == "+" else -1), unit)


def _move(day: date, amount: int, unit: str) -> date:
    try:
        if unit == "d":
            return day + timedelta(days=amount)
        months = day.year * 12 + day.month - 1 + amount * (12 if unit == "y" else 1)
        return date(months // 12, months % 12 + 1, 1).replace(day=_last_day(months, day.day))
    except (ValueError, OverflowError):
        return date.max if amount > 0 else date.min


def _last_day(months: int, day: int) -> int:
    """The same day of the month, or the last one where the month is shorter."""
    year, month = divmod(months, 12)
    if month == 1:
        return min(day, 29 if isleap(year) else 28)
    return min(day, 30 if month in (3, 5, 8, 10) else 31)


def age_on(birth: date, today: date) -> int:
    """Completed years. Who was born on 29 February completes one at the end of 28 February (§ 188 BGB)."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
