"""Security headers, the nonce of the content security policy, CSRF."""

import secrets
from typing import cast

from flask import Flask, Response, g, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from servicekonto.core.settings import settings

HSTS = "max-age=31536000; includeSubDomains"

# The design system's icons are data: addresses of images.
CSP = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; object-src 'none'"
)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: the CSRF check over https compares the referrer.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
}

csrf = CSRFProtect()


def register(app: Flask) -> None:
    csrf.init_app(app)
    app.after_request(_add_headers)
    app.jinja_env.globals.update(csp_nonce=csp_nonce, csrf_field=csrf_field)


def csp_nonce() -> str:
    """The same for the whole response, another for the next."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    return cast(str, g.csp_nonce)


def csrf_field() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CSP.format(nonce=csp_nonce()))
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if settings().uses_https:
        response.headers["Strict-Transport-Security"] = HSTS
    if request.endpoint != "assets.show":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
