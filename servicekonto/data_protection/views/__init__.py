"""The pages on which people exercise their rights, one module for each topic."""

from servicekonto.data_protection.views import consents, deletion, export, overview, reading
from servicekonto.data_protection.views.blueprint import bp

__all__ = ["bp", "consents", "deletion", "export", "overview", "reading"]
