"""The filter of the postbox lives in the address: it can be kept as a bookmark and survives going back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from servicekonto.core.clock import BERLIN
from servicekonto.core.errors import InvalidInputError
from servicekonto.postbox.queries import MessageFilter

ARCHIVE = "archiv"
NAMES = ("ordner", "ungelesen", "absender", "von", "bis")


@dataclass(frozen=True)
class Chosen:
    """What the address says, as texts for the form and as a filter. With ``errors`` (by field) no filter."""

    texts: Mapping[str, str]
    filter: MessageFilter | None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_archive(self) -> bool:
        return self.texts.get("ordner") == ARCHIVE

    @property
    def narrows(self) -> bool:
        return bool(set(self.texts) - {"ordner"})

    def arguments(self, **changes: Any) -> dict[str, Any]:
        return {**self.texts, **changes}


def read(arguments: Mapping[str, str]) -> Chosen:
    """Raises InvalidInputError for what no form of ours sends; a wrong date is an error for the reader."""
    texts = {name: arguments.get(name, "").strip()[:40] for name in NAMES}
    texts = {name: text for name, text in texts.items() if text}
    if texts.get("ordner", ARCHIVE) != ARCHIVE or texts.get("ungelesen", "1") != "1":
        raise InvalidInputError({"filter": "unknown"})
    since, until = _day(texts.get("von")), _day(texts.get("bis"))
    errors = _errors(texts, since, until)
    if errors:
        return Chosen(texts, None, errors)
    chosen = MessageFilter(
        archived="ordner" in texts,
        unread="ungelesen" in texts,
        sender_id=_id(texts.get("absender")),
        since=_begin(since) if since else None,
        until=_begin(until + timedelta(days=1)) if until else None,
        older_than=_id(arguments.get("vor")),
    )
    return Chosen(texts, chosen)


def _errors(texts: Mapping[str, str], since: date | None, until: date | None) -> dict[str, str]:
    found = {
        name: _("Geben Sie ein Datum ein, zum Beispiel 31.12.2026.")
        for name, day in (("von", since), ("bis", until))
        if name in texts and day is None
    }
    if since and until and since > until:
        found["bis"] = _("Dieser Tag muss nach dem ersten liegen.")
    return found


def _day(text: str | None) -> date | None:
    """As browsers send it, or as people write it."""
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            day = datetime.strptime(text or "", pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return day if 1990 <= day.year <= 2100 else None
    return None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), BERLIN).astimezone(UTC)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise InvalidInputError({"filter": "unknown"}) from error
