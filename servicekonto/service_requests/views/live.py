"""Is there anything new? A script asks while somebody looks at the page."""

from uuid import UUID

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from servicekonto.accounts.current import current_account
from servicekonto.service_requests import queries
from servicekonto.service_requests.views import bp
from servicekonto.web.access import Permission, for_scripts, requires


@bp.get("/stand")
@for_scripts
@requires(Permission.OWN_REQUESTS)
def live() -> ResponseReturnValue:
    """``antrag``: of this request instead of all that are sent."""
    news = queries.news(current_account(), request.args.get("antrag", type=UUID))
    changed = news.changed_at.isoformat() if news.changed_at else ""
    response: Response = jsonify(changed=changed, unread=news.unread)
    response.set_etag(f"{changed}.{news.unread}".replace(":", ""))
    return response.make_conditional(request)
