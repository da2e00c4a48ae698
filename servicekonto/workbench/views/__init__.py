"""Pages for staff."""

from flask import Blueprint

bp = Blueprint("workbench", __name__, url_prefix="/behoerde")

from servicekonto.workbench.views import (  # noqa: E402 - they add routes
    closing,
    conversation,
    documents,
    forwarding,
    inbox,
    information,
    requests,
    text_templates,
)

__all__ = [
    "bp",
    "closing",
    "conversation",
    "documents",
    "forwarding",
    "inbox",
    "information",
    "requests",
    "text_templates",
]
