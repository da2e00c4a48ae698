"""The authority's part of the audit trail."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.audit import Action
from servicekonto.audit.queries import EntryFilter, entries_of
from servicekonto.authorities.current import current_staff
from servicekonto.core.errors import InvalidInputError
from servicekonto.web.access import Permission, requires
from servicekonto.web.cursors import read_cursor, write_cursor
from servicekonto.workbench.administration.log_texts import ACTION_NAMES, AT_AUTHORITIES, Names, shown
from servicekonto.workbench.administration.views import bp


@bp.get("/protokoll")
@requires(Permission.ADMINISTER_AUTHORITY)
def log() -> ResponseReturnValue:
    authority = current_staff().authority
    chosen = {name: text for name in ("aktion", "wer") if (text := request.args.get(name, "")[:80])}
    page = entries_of(authority.id, _filter(chosen))
    names = Names.of(authority.id)
    next_page: dict[str, Any] = {**chosen, "nach": write_cursor(*page.after)} if page.after else {}
    return render_template(
        "administration/log.html",
        authority=authority,
        entries=[shown(entry, names) for entry in page.entries],
        chosen=chosen,
        actions={action: name for action, name in ACTION_NAMES.items() if action in AT_AUTHORITIES},
        people=names.accounts,
        next_url=url_for(".log", **next_page) if next_page else None,
    )


def _filter(chosen: Mapping[str, str]) -> EntryFilter:
    """Raises InvalidInputError for an address that was changed by hand."""
    try:
        return EntryFilter(
            action=Action(chosen["aktion"]) if "aktion" in chosen else None,
            actor_id=UUID(chosen["wer"]) if "wer" in chosen else None,
            after=read_cursor(request.args.get("nach")),
        )
    except ValueError as error:
        raise InvalidInputError({"filter": "unknown"}) from error
