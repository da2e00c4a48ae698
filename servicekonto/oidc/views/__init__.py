"""What other services and their visitors ask for, one module for each topic."""

from servicekonto.oidc.views import metadata
from servicekonto.oidc.views.blueprint import bp

__all__ = ["bp", "metadata"]
