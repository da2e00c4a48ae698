"""What other services and their visitors ask for, one module for each topic."""

from servicekonto.oidc.views import authorize, inspection, metadata, token, websites
from servicekonto.oidc.views.blueprint import bp

__all__ = ["authorize", "bp", "inspection", "metadata", "token", "websites"]
