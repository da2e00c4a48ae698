"""Pages for staff."""

from flask import Blueprint

bp = Blueprint("workbench", __name__, url_prefix="/behoerde")

from servicekonto.workbench.views import (  # noqa: E402 - they add routes
    closing,  # noqa: F401
    conversation,  # noqa: F401
    documents,  # noqa: F401
    forwarding,  # noqa: F401
    inbox,  # noqa: F401
    information,  # noqa: F401
    requests,  # noqa: F401
)
