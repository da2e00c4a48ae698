"""The account pages, one module for each topic."""

from servicekonto.accounts.views import (
    account,
    confirm,
    history,
    language,
    links,
    new_passkey,
    personal_data,
    recovery,
    registration,
    reset,
    security,
    session,
    sign_in,
)
from servicekonto.accounts.views.blueprint import bp

__all__ = [
    "account",
    "bp",
    "confirm",
    "history",
    "language",
    "links",
    "new_passkey",
    "personal_data",
    "recovery",
    "registration",
    "reset",
    "security",
    "session",
    "sign_in",
]
