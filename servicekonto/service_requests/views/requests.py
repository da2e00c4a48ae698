"""The list of one's requests, one request, and the page right after submitting."""

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.accounts.current import current_account
from servicekonto.service_requests import queries
from servicekonto.service_requests.presentation import OwnRequestView, list_entry
from servicekonto.service_requests.views import bp
from servicekonto.web.access import Permission, requires
from servicekonto.web.cursors import read_cursor, write_cursor


@bp.get("/")
@requires(Permission.OWN_REQUESTS)
def index() -> ResponseReturnValue:
    found = queries.own_page(current_account(), before=read_cursor(request.args.get("vor")))
    page, more = found[: queries.OWN_PAGE_SIZE], len(found) > queries.OWN_PAGE_SIZE
    next_url = url_for(".index", vor=write_cursor(page[-1].updated_at, page[-1].id)) if more else None
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
    return render_template("service_requests/receipt.html", view=OwnRequestView(found))
