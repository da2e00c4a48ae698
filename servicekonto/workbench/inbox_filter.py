"""The filter of the inbox lives in the address: it can be kept as a bookmark and sent to a colleague."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from servicekonto.authorities.models import StaffMember
from servicekonto.core.errors import InvalidInputError
from servicekonto.service_requests.queries import InboxFilter
from servicekonto.service_requests.status import AT_AUTHORITY, Status
from servicekonto.web.cursors import Cursor, read_cursor, write_cursor

MINE = "ich"
NOBODY = "niemand"
FINISHED = "abgeschlossen"


@dataclass(frozen=True)
class Chosen:
    """What the address says, as texts for the form and as a filter for the query."""

    texts: Mapping[str, str]
    filter: InboxFilter

    def next_arguments(self, after: Cursor) -> dict[str, Any]:
        return {**self.texts, "nach": write_cursor(*after)}


def read(arguments: Mapping[str, str], staff_member: StaffMember) -> Chosen:
    """Raises InvalidInputError for an address that was changed by hand into something impossible."""
    texts = {name: arguments.get(name, "")[:200] for name in ("status", "leistung", "wer", "suche")}
    try:
        chosen = _filter(texts, staff_member)
    except ValueError as error:
        raise InvalidInputError({"filter": "unknown"}) from error
    chosen = replace(chosen, after=read_cursor(arguments.get("nach")))
    return Chosen({name: text for name, text in texts.items() if text}, chosen)


def _filter(texts: Mapping[str, str], staff_member: StaffMember) -> InboxFilter:
    chosen = InboxFilter(service_key=texts["leistung"] or None, search=texts["suche"].strip())
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
