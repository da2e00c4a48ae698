"""The list of one's requests, one request, and the page right after submitting."""

from datetime import datetime
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.accounts.current import current_account
from servicekonto.catalogue.queries import definition_of
from servicekonto.core.errors import InvalidInputError
from servicekonto.service_requests import queries
from servicekonto.service_requests.presentation import OwnRequestView, list_entry, outlook
from servicekonto.service_requests.views import bp
from servicekonto.web.access import Permission, requires


@bp.get("/")
@requires(Permission.OWN_REQUESTS)
def index() -> ResponseReturnValue:
    found = queries.own_page(current_account(), older_than=_older_than())
    page, more = found[: queries.OWN_PAGE_SIZE], len(found) > queries.OWN_PAGE_SIZE
    next_url = url_for(".index", vor=page[-1].updated_at.isoformat()) if more else None
    return render_template(
        "service_requests/index.html", entries=[list_entry(own) for own in page], next_url=next_url
    )


@bp.get("/<uuid:request_id>")
@requires(Permission.OWN_REQUESTS)
def show(request_id: UUID) -> ResponseReturnValue:
    found = queries.get_whole(request_id, current_account())
    return render_template("service_requests/show.html", view=OwnRequestView(found))


@bp.get("/<uuid:request_id>/eingang")
@requires(Permission.OWN_REQUESTS)
def receipt(request_id: UUID) -> ResponseReturnValue:
    found = queries.get_whole(request_id, current_account())
    definition = definition_of(found.service_version)
    return render_template(
        "service_requests/receipt.html",
        service_request=found,
        definition=definition,
        outlook=outlook(found, definition),
    )


def _older_than() -> datetime | None:
    text = request.args.get("vor")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError({"vor": "no date"}) from error
    if moment.tzinfo is None:
        raise InvalidInputError({"vor": "no time zone"})
    return moment
