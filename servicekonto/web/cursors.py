"""Where the next page of a long list goes on: behind the moment and the id of the last row shown."""

from datetime import UTC, datetime
from uuid import UUID

from servicekonto.core.errors import InvalidInputError

Cursor = tuple[datetime, UUID]

_BETWEEN = "~"


def write_cursor(moment: datetime, row_id: UUID) -> str:
    return f"{moment.isoformat()}{_BETWEEN}{row_id}"


def read_cursor(text: str | None) -> Cursor | None:
    """None where the list begins. Raises InvalidInputError for one that was changed by hand."""
    if not text:
        return None
    moment, _between, row_id = text.partition(_BETWEEN)
    try:
        return _utc(moment), UUID(row_id)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError({"cursor": "unknown"}) from error


def _utc(text: str) -> datetime:
    """A plus that was not escaped arrives as a blank. OverflowError near the years 1 and 9999."""
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment.astimezone(UTC)
