"""Pages for administrators of an authority. Everything is looked up within the own authority."""

from flask import Blueprint

bp = Blueprint("administration", __name__, url_prefix="/behoerde/verwaltung")

from servicekonto.workbench.administration.views import (  # noqa: E402 - they add routes
    contact,
    invitations,
    log,
    offers,
    overview,
    places,
    staff,
)

__all__ = ["bp", "contact", "invitations", "log", "offers", "overview", "places", "staff"]
