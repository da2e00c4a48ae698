"""The citizen's postbox."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from servicekonto.accounts.current import current_account
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import InvalidInputError
from servicekonto.postbox import commands, message_filter, queries
from servicekonto.web.access import Permission, own_units_of_work, requires, writes_on_get

bp = Blueprint("postbox", __name__, url_prefix="/postfach")


@bp.get("/")
@requires(Permission.OWN_REQUESTS)
def index() -> ResponseReturnValue:
    account, chosen = current_account(), message_filter.read(request.args)
    page = queries.page(account, chosen.filter) if chosen.filter else queries.MessagePage([], None)
    body = render_template("postbox/index.html", page=page, chosen=chosen, senders=queries.senders(account))
    return body, 422 if chosen.errors else 200


@bp.get("/<uuid:message_id>")
@own_units_of_work
@writes_on_get
@requires(Permission.OWN_REQUESTS)
def show(message_id: UUID) -> ResponseReturnValue:
    """The first retrieval is recorded before the message is shown."""
    with unit_of_work():
        message = queries.get(current_account(), message_id)
        commands.open_message(message, at=clock.now())
        return render_template("postbox/show.html", message=message)


@bp.post("/archivieren")
@requires(Permission.OWN_REQUESTS)
def archive() -> ResponseReturnValue:
    """One or several. Sending it again changes nothing."""
    chosen = queries.get_all(current_account(), _ids())
    unread = commands.archive(chosen, at=clock.now())
    moved = len(chosen) - unread
    if moved:
        flash(
            ngettext("Eine Nachricht liegt im Archiv.", "%(num)s Nachrichten liegen im Archiv.", moved),
            "success",
        )
    if unread:
        flash(
            _("Ungelesene Nachrichten bleiben im Eingang. Öffnen Sie sie zuerst: Es können Fristen laufen."),
            "info",
        )
    return redirect(url_for(".index"), code=303)


@bp.post("/zurueckholen")
@requires(Permission.OWN_REQUESTS)
def restore() -> ResponseReturnValue:
    chosen = queries.get_all(current_account(), _ids())
    commands.restore(chosen)
    flash(
        ngettext(
            "Eine Nachricht liegt wieder im Eingang.",
            "%(num)s Nachrichten liegen wieder im Eingang.",
            len(chosen),
        ),
        "success",
    )
    return redirect(url_for(".index", ordner=message_filter.ARCHIVE), code=303)


def _ids() -> set[UUID]:
    """No more than a page shows."""
    try:
        found = {UUID(text) for text in request.form.getlist("nachricht")}
    except ValueError as error:
        raise InvalidInputError({"nachricht": "unknown"}) from error
    if len(found) > queries.PAGE_SIZE:
        raise InvalidInputError({"nachricht": "too many"})
    if not found:
        flash(_("Wählen Sie zuerst Nachrichten aus."), "info")
        abort(redirect(url_for(".index"), code=303))
    return found
