"""In a demonstration the mails can be read here; there is no such page anywhere else."""

from flask import Blueprint, abort, render_template, request
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
    mails, recipient = queries.newest_mails(), request.args.get("an", "").strip().casefold()[:200]
    addresses = sorted({mail.to or "" for mail in mails})
    chosen = [mail for mail in mails if recipient in ("", (mail.to or "").casefold())]
    return render_template(
        "notifications/mails.html",
        mails=chosen[: queries.LISTED],
        is_cut=len(chosen) > queries.LISTED,
        addresses=addresses,
        recipient=recipient,
    )
