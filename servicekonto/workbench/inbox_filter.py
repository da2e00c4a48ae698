"""The filter of the inbox lives in the address: it can be kept as a bookmark and sent to a colleague."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from servicekonto.authorities.models import StaffMember
from servicekonto.core.errors import InvalidInputError
from servicekonto.service_requests.queries import InboxFilter
from servicekonto.service_requests.status import AT_AUTHORITY, Status

MINE = "ich"
NOBODY = "niemand"
FINISHED = "abgeschlossen"


@dataclass(frozen=True)
class Chosen:
    """What the address says, as texts for the form and as a filter for the query."""

    texts: Mapping[str, str]
    filter: InboxFilter

    def next_arguments(self, after: tuple[datetime, UUID]) -> dict[str, Any]:
        return {**self.texts, "nach": f"{after[0].isoformat()}~{after[1]}"}


def read(arguments: Mapping[str, str], staff_member: StaffMember) -> Chosen:
    """Raises InvalidInputError for an address that was changed by hand into something impossible."""
    texts = {name: arguments.get(name, "")[:200] for name in ("status", "leistung", "wer", "suche")}
    try:
        chosen = _filter(texts, arguments.get("nach", ""), staff_member)
    except ValueError as error:
        raise InvalidInputError({"filter": "unknown"}) from error
    return Chosen({name: text for name, text in texts.items() if text}, chosen)


def _filter(texts: Mapping[str, str], after: str, staff_member: StaffMember) -> InboxFilter:
    chosen = InboxFilter(
        service_key=texts["leistung"] or None,
        search=texts["suche"].strip(),
        after=_after(after) if after else None,
    )
    return replace(chosen, **_status(texts["status"]), **_assignee(texts["wer"], staff_member))


def _status(text: str) -> dict[str, Any]:
    if text == FINISHED:
        return {"finished": True}
    if text and Status(text) not in AT_AUTHORITY:
        raise ValueError(text)
    return {"status": Status(text) if text else None}


def _assignee(text: str, staff_member: StaffMember) -> dict[str, Any]:
    if text == NOBODY:
        return {"unassigned": True}
    if text == MINE:
        return {"assignee_id": staff_member.id}
    return {"assignee_id": UUID(text) if text else None}


def _after(text: str) -> tuple[datetime, UUID]:
    moment, _, request_id = text.partition("~")
    after = datetime.fromisoformat(moment.replace(" ", "+"))
    if after.tzinfo is None:
        raise ValueError("no time zone")
    return after, UUID(request_id)
