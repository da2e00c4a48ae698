"""The citizen's side of requests."""

from flask import Blueprint

bp = Blueprint("service_requests", __name__, url_prefix="/antraege")

from servicekonto.service_requests.views import closing, documents, drafts, requests  # noqa: E402, F401 - they add routes
