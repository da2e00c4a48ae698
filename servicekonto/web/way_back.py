"""Back to the page somebody came from, which must be one of ours that can be shown again."""

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect


def page_before(default: str = "/") -> str:
    """Path and query of the referrer. A page that only answers a sent form leads to the default."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host or not _can_be_shown(came_from.path):
        return default
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path


def _can_be_shown(path: str) -> bool:
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except (HTTPException, RequestRedirect):
        return False
    return not path.startswith("//")
