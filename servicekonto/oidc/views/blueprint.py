"""The blueprint of everything in this package. Addresses are written out: two begin with ``/.well-known``."""

from flask import Blueprint

bp = Blueprint("oidc", __name__)
