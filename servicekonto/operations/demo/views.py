"""A demonstration can be brought back to its first state. There are no such pages anywhere else."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from servicekonto.accounts import totp
from servicekonto.core import clock
from servicekonto.core.settings import settings
from servicekonto.jobs.models import JobStatus
from servicekonto.operations.demo import security
from servicekonto.operations.demo.people import people_with_app
from servicekonto.operations.demo.reset import ask_for_reset, newest_reset_status
from servicekonto.web.access import Permission, public, requires

bp = Blueprint("demo", __name__)

RELOAD_SECONDS = 3


@bp.before_request
def only_in_a_demonstration() -> None:
    if not settings().is_demo:
        abort(404)


@bp.get("/betrieb/zuruecksetzen")
@requires(Permission.OPERATE)
def confirm_reset() -> ResponseReturnValue:
    return render_template("operations/confirm_reset.html")


@bp.post("/betrieb/zuruecksetzen")
@requires(Permission.OPERATE)
def reset() -> ResponseReturnValue:
    ask_for_reset(at=clock.now())
    return redirect(url_for(".progress"), code=303)


@bp.get("/demo/zuruecksetzen")
@public
def progress() -> Response:
    """Open to everybody: whoever asked for it is signed out by it."""
    status = newest_reset_status()
    response = make_response(render_template("operations/reset_progress.html", status=status))
    if status is JobStatus.QUEUED:
        response.headers["Refresh"] = str(RELOAD_SECONDS)
    return response


@bp.get("/demo/codes")
@public
def codes() -> ResponseReturnValue:
    """What the apps of invented people show just now."""
    at = clock.now()
    people = [
        (label, email, totp.code_at(security.totp_secret(email), at)) for label, email in people_with_app()
    ]
    return render_template("operations/demo_codes.html", people=people)
