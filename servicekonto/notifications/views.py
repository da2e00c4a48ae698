"""In a demonstration the mails can be read here; there is no such page anywhere else."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.core.settings import settings
from servicekonto.notifications import queries
from servicekonto.web.access import public
from servicekonto.web.cursors import Cursor, read_cursor, write_cursor

bp = Blueprint("notifications", __name__)


@bp.get("/demo/mails")
@public
def demo_mails() -> ResponseReturnValue:
    if not settings().is_demo:
        abort(404)
    recipient = request.args.get("an", "").strip().casefold()[:200]
    page = queries.page_of_mails(recipient, behind=read_cursor(request.args.get("nach")))
    return render_template(
        "notifications/mails.html",
        page=page,
        recipient=recipient,
        next_url=_address(recipient, page.behind) if page.behind else None,
    )


def _address(recipient: str, behind: Cursor) -> str:
    return url_for(".demo_mails", an=recipient or None, nach=write_cursor(*behind))
