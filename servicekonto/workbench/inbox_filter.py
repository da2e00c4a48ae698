"""The filter of the inbox lives in the address: it can be kept as a bookmark and sent to a colleague.

What is searched for may be a name: it stands there sealed, for nobody but the one who searches.
A request that is opened from the list carries the rest along, so that "next" means the next one of that list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import has_request_context, request, url_for

from servicekonto.authorities.models import StaffMember
from servicekonto.core.errors import InvalidInputError
from servicekonto.core.sealing import opened_from_address, sealed_for_address
from servicekonto.service_requests.inbox import InboxFilter
from servicekonto.service_requests.status import AT_AUTHORITY, Status
from servicekonto.web.cursors import Cursor, read_cursor, write_cursor

MINE = "ich"
NOBODY = "niemand"
FINISHED = "abgeschlossen"

KEPT = ("status", "leistung", "wer")
"""What views are saved with and what goes along to a request. A search would put names there."""

SEARCH = "suche"
LONGEST = 200
_SEALED = "inbox search"


@dataclass(frozen=True)
class Chosen:
    """What the address says, as texts for the form and as a filter for the query."""

    texts: Mapping[str, str]
    filter: InboxFilter
    arguments: Mapping[str, str]

    @property
    def kept(self) -> dict[str, str]:
        return {name: text for name, text in self.texts.items() if name in KEPT}

    def next_arguments(self, after: Cursor) -> dict[str, Any]:
        return {**self.arguments, "nach": write_cursor(*after)}


def read(arguments: Mapping[str, str], staff_member: StaffMember) -> Chosen:
    """Raises InvalidInputError for an address that was changed by hand into something impossible."""
    texts = {name: arguments.get(name, "")[:LONGEST] for name in KEPT}
    sealed = arguments.get(SEARCH, "")
    texts[SEARCH] = _opened(sealed, staff_member) if sealed else ""
    try:
        chosen = _filter(texts, staff_member)
    except ValueError as error:
        raise InvalidInputError({"filter": "unknown"}) from error
    chosen = replace(chosen, after=read_cursor(arguments.get("nach")))
    given = {name: text for name, text in texts.items() if text}
    return Chosen(given, chosen, given | ({SEARCH: sealed} if sealed else {}))


def address_of(form: Mapping[str, str], staff_member: StaffMember) -> str:
    """Where the list is that a filled in filter asks for."""
    arguments = {name: form[name][:LONGEST] for name in KEPT if form.get(name)}
    if search := form.get(SEARCH, "").strip()[:LONGEST]:
        arguments[SEARCH] = sealed_for_address(_SEALED, search, reader=staff_member.account_id)
    return inbox_url(arguments)


def _opened(sealed: str, staff_member: StaffMember) -> str:
    search = opened_from_address(_SEALED, sealed, reader=staff_member.account_id)
    if search is None:
        raise InvalidInputError({SEARCH: "unknown"})
    return search


def carried_along() -> dict[str, str]:
    """The filter of the list that the request of this page was opened from."""
    return {name: request.args[name][:LONGEST] for name in KEPT if request.args.get(name)}


def list_url() -> str:
    """Back to the list that the request of this page was opened from."""
    return inbox_url(carried_along())


def inbox_url(arguments: Mapping[str, Any]) -> str:
    return url_for("workbench.inbox", **arguments)


def carry_along(endpoint: str, values: dict[str, Any]) -> None:
    """As ``url_defaults`` of the blueprint: from a page of a request to its other pages and its forms."""
    if has_request_context() and "request_id" in (request.view_args or {}) and "request_id" in values:
        for name, text in carried_along().items():
            values.setdefault(name, text)


def _filter(texts: Mapping[str, str], staff_member: StaffMember) -> InboxFilter:
    chosen = InboxFilter(service_key=texts["leistung"] or None, search=texts[SEARCH])
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
