"""The only place that reads the wall clock."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The legal day: it changes at midnight in Germany, not in UTC."""
    return local_date(now())


def local_date(moment: datetime) -> date:
    return moment.astimezone(BERLIN).date()


def local_day(moment: datetime) -> datetime:
    """The legal day of a moment that is to be forgotten, as midnight in UTC: shown as a date it is that
    day.
    """
    return datetime.combine(local_date(moment), time(), UTC)


def begin_of_day(moment: datetime) -> datetime:
    """In UTC, so never later than the moment."""
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)
