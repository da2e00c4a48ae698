"""The citizen's side of requests."""

from flask import Blueprint

bp = Blueprint("service_requests", __name__, url_prefix="/antraege")

from servicekonto.service_requests.views import (  # noqa: E402 - they add routes
    closing,  # noqa: F401
    conversation,  # noqa: F401
    documents,  # noqa: F401
    drafts,  # noqa: F401
    information,  # noqa: F401
    requests,  # noqa: F401
)
