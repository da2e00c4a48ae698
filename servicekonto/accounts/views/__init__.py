"""The account pages, one module for each topic."""

from servicekonto.accounts.views import account, personal_data, registration, reset, sign_in
from servicekonto.accounts.views.blueprint import bp

__all__ = ["account", "bp", "personal_data", "registration", "reset", "sign_in"]
