"""Headers of every answer, and forms that only our own pages may send."""

import hmac
import secrets

from flask import Flask, Response, abort, request, session
from markupsafe import Markup

from relying_party.settings import Settings

_FIELD = "csrf_token"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {issuer}; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def install(app: Flask, settings: Settings, *, calls: frozenset[str]) -> None:
    """``calls``: endpoints that servers call; they have no cookies, and prove themselves otherwise."""

    @app.before_request
    def refuse_foreign_forms() -> None:
        if request.method != "POST" or request.endpoint in calls:
            return
        known, given = session.get(_FIELD, ""), request.form.get(_FIELD, "")
        if not known or not hmac.compare_digest(known.encode(), given.encode()):
            abort(400)

    @app.after_request
    def add_headers(response: Response) -> Response:
        # Buttons lead on to Servicekonto: browsers hold form-action against redirects too.
        response.headers["Content-Security-Policy"] = _POLICY.format(issuer=settings.issuer)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.uses_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    app.jinja_env.globals["csrf_field"] = _csrf_field


def _csrf_field() -> Markup:
    token = session.setdefault(_FIELD, secrets.token_urlsafe(32))
    return Markup('<input type="hidden" name="{}" value="{}">').format(_FIELD, token)
