"""Security headers, the nonce of the content security policy, CSRF."""

import re
import secrets
from typing import cast

from flask import Flask, Response, g, request, session
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from servicekonto.core.settings import settings
from servicekonto.web.application import machines_too

HSTS = "max-age=31536000; includeSubDomains"

# The design system's icons are data: addresses of images.
CSP = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'{form_target}; frame-ancestors 'none'; "
    "base-uri 'none'; object-src 'none'"
)

NOTHING = "default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
"""For what is no page: should a browser show it, nothing in it runs or loads."""

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

_FORM_TARGET = "form_target"
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")


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


def allow_form_target(origin: str) -> None:
    """Until somebody signs in or out: a form of ours may lead to this website in the end. Browsers hold
    ``form-action`` against every redirect that follows. ``origin`` is one that was registered.
    """
    session[_FORM_TARGET] = origin


def policy_for_form_to(origin: str) -> str:
    """For a page whose only form leads there."""
    target = origin if _ORIGIN.fullmatch(origin) else "'none'"
    policy = CSP.format(nonce=csp_nonce(), form_target="")
    return policy.replace("form-action 'self'", f"form-action {target}")


def _policy() -> str:
    origin = session.get(_FORM_TARGET)
    target = f" {origin}" if isinstance(origin, str) and _ORIGIN.fullmatch(origin) else ""
    return CSP.format(nonce=csp_nonce(), form_target=target)


@machines_too
def _add_headers(response: Response) -> Response:
    if "Content-Security-Policy" not in response.headers:
        is_page = response.mimetype == "text/html"
        response.headers["Content-Security-Policy"] = _policy() if is_page else NOTHING
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if settings().uses_https:
        response.headers["Strict-Transport-Security"] = HSTS
    if request.endpoint != "assets.show":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
