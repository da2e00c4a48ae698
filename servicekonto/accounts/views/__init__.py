"""The account pages, one module for each topic."""

from servicekonto.accounts.views import (
    account,
    language,
    personal_data,
    registration,
    reset,
    session,
    sign_in,
)
from servicekonto.accounts.views.blueprint import bp

__all__ = ["account", "bp", "language", "personal_data", "registration", "reset", "session", "sign_in"]
