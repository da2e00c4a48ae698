"""In a demonstration the mails can be read here; there is no such page anywhere else."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from servicekonto.core.settings import settings
from servicekonto.notifications import queries
from servicekonto.web.access import public

bp = Blueprint("notifications", __name__)


@bp.get("/demo/mails")
@public
def demo_mails() -> ResponseReturnValue:
    if not settings().is_demo:
        abort(404)
    return render_template("notifications/mails.html", mails=queries.newest_mails())
