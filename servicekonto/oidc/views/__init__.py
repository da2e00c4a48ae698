"""What other services and their visitors ask for, one module for each topic."""

from servicekonto.oidc.views import (
    authorize,
    end_session,
    inspection,
    interaction,
    metadata,
    par,
    token,
    websites,
)
from servicekonto.oidc.views.blueprint import bp

__all__ = [
    "authorize",
    "bp",
    "end_session",
    "inspection",
    "interaction",
    "metadata",
    "par",
    "token",
    "websites",
]
