"""Routes that exist only to test the plumbing."""

import time

import sqlalchemy as sa
from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from servicekonto.catalogue.models import Service
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from servicekonto.web.access import own_units_of_work, public, writes_on_get

bp = Blueprint("testing", __name__, url_prefix="/_testing")

ERRORS = {
    "not-found": NotFoundError("Erika Mustermann"),
    "not-allowed": NotAllowedError("Erika Mustermann"),
    "conflict": ConflictError("Erika Mustermann"),
    "invalid": InvalidInputError({"name": "Erika Mustermann"}),
    "bug": RuntimeError("Erika Mustermann"),
    "no-connection-free": PoolTimeoutError("Erika Mustermann"),
    "connection-lost-before": PendingRollbackError("Erika Mustermann"),
}


def write() -> None:
    db.session.add(Service(key=request.args["key"], slug=request.args["key"]))
    db.session.flush()


@bp.route("/returns-422", methods=["GET", "POST"])
@public
def returns_422() -> ResponseReturnValue:
    write()
    return "noch einmal", 422


@bp.get("/swallows")
@public
def swallows() -> ResponseReturnValue:
    """A programmer's mistake: writes in a GET and hides the error."""
    try:
        write()
    except Exception:  # noqa: BLE001 - that is the mistake
        return "hidden"
    return "written"


@bp.post("/aborts")
@public
def aborts() -> ResponseReturnValue:
    write()
    abort(403)


@bp.post("/raises/<name>")
@public
def raises(name: str) -> ResponseReturnValue:
    write()
    raise ERRORS[name]


@bp.post("/is-cut-off")
@public
def is_cut_off() -> ResponseReturnValue:
    """By PostgreSQL itself, because nothing came for too long: not an operational error by its class."""
    db.session.execute(sa.text("set local idle_in_transaction_session_timeout = 50"))
    time.sleep(0.3)
    db.session.execute(sa.text("select 1"))
    return "too late"


@bp.get("/may-write")
@writes_on_get
@public
def may_write() -> ResponseReturnValue:
    write()
    return "written"


@bp.get("/own")
@own_units_of_work
@public
def own() -> ResponseReturnValue:
    with unit_of_work():
        write()
    return f"open: {db.session().in_transaction()}"
