"""The citizen's postbox."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from servicekonto.accounts.current import current_account
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.postbox import commands, queries
from servicekonto.web.access import Permission, own_units_of_work, requires, writes_on_get

bp = Blueprint("postbox", __name__, url_prefix="/postfach")


@bp.get("/")
@requires(Permission.OWN_REQUESTS)
def index() -> ResponseReturnValue:
    page = queries.page(current_account(), older_than=request.args.get("vor", type=UUID))
    return render_template("postbox/index.html", page=page)


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
