"""Pages for staff."""

from flask import Blueprint

bp = Blueprint("workbench", __name__, url_prefix="/behoerde")

from servicekonto.workbench.views import closing, documents, inbox, requests  # noqa: E402, F401 - they add routes
