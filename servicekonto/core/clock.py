"""The only place that reads the wall clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The legal day: it changes at midnight in Germany, not in UTC."""
    return local_date(now())


def local_date(moment: datetime) -> date:
    return moment.astimezone(BERLIN).date()
