"""The blueprint of all pages of this package."""

from flask import Blueprint

bp = Blueprint("data_protection", __name__, url_prefix="/konto")
