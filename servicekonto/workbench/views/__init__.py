"""Pages for staff."""

from flask import Blueprint

from servicekonto.workbench.inbox_filter import carry_along
from servicekonto.workbench.reading import leave_trace

bp = Blueprint("workbench", __name__, url_prefix="/behoerde")
bp.url_defaults(carry_along)
bp.after_request(leave_trace)

from servicekonto.workbench.views import (  # noqa: E402 - they add routes
    bulk,
    closing,
    conversation,
    documents,
    export,
    forwarding,
    identity,
    inbox,
    information,
    places,
    requests,
    saved_views,
    statistics,
    text_templates,
)

__all__ = [
    "bp",
    "bulk",
    "closing",
    "conversation",
    "documents",
    "export",
    "forwarding",
    "identity",
    "inbox",
    "information",
    "places",
    "requests",
    "saved_views",
    "statistics",
    "text_templates",
]
