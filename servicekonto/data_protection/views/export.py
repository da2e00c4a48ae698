"""A copy of all one's data: asked for here, made by a worker, fetched here."""

from uuid import UUID

from flask import Response, jsonify, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from servicekonto.accounts.current import current_account
from servicekonto.accounts.step_up import recently_confirmed
from servicekonto.core import clock
from servicekonto.data_protection import queries
from servicekonto.data_protection.commands import exports
from servicekonto.data_protection.schema import schema
from servicekonto.data_protection.views.blueprint import bp
from servicekonto.web.access import Permission, public, requires
from servicekonto.web.downloads import Download

RELOAD_SECONDS = 3
FILE_NAME = "servicekonto-daten.zip"


@bp.get("/export")
@requires(Permission.OWN_ACCOUNT)
def export() -> Response:
    newest, at = queries.newest_export(current_account()), clock.now()
    is_over = newest is not None and newest.expires_at is not None and newest.expires_at <= at
    found = None if is_over else newest
    has_failed = found is not None and queries.has_failed(found)
    response = make_response(
        render_template("data_protection/export.html", export=found, has_failed=has_failed)
    )
    if found is not None and found.ready_at is None and not has_failed:
        response.headers["Refresh"] = str(RELOAD_SECONDS)
    return response


@bp.post("/export")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def ask_for_export() -> ResponseReturnValue:
    exports.ask(current_account(), at=clock.now())
    return redirect(url_for(".export"), code=303)


@bp.post("/export/<uuid:export_id>/datei")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def fetch_export(export_id: UUID) -> ResponseReturnValue:
    """By POST: that it was fetched is written down."""
    owner, at = current_account(), clock.now()
    found = queries.export_to_fetch(owner, export_id, at=at)
    return Download(FILE_NAME, "application/zip", exports.fetch(found, by=owner, at=at)).answer()


@bp.get("/export/schema.json")
@public
def schema_of_export() -> ResponseReturnValue:
    return jsonify(schema())
