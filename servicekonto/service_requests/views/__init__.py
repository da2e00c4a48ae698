"""The citizen's side of requests."""

from flask import Blueprint

bp = Blueprint("service_requests", __name__, url_prefix="/antraege")

from servicekonto.service_requests.views import (  # noqa: E402 - they add routes
    closing,
    conversation,
    documents,
    drafts,
    information,
    live,
    requests,
)

__all__ = ["bp", "closing", "conversation", "documents", "drafts", "information", "live", "requests"]
