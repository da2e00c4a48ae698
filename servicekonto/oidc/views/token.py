"""What websites ask for behind the visitor's back: tokens, and what they may know."""

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from servicekonto.core import clock
from servicekonto.oidc import cors
from servicekonto.oidc import userinfo as information
from servicekonto.oidc.server import server
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web.access import public
from servicekonto.web.security import csrf

_CHALLENGE = 'Bearer realm="Servicekonto"'


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/token", provide_automatic_options=False)
@public
@cors.for_apps
def token() -> Response:
    return server().respond()


@bp.route("/oidc/token", methods=["OPTIONS"])
@public
def token_options() -> Response:
    return cors.preflight("POST")


@bp.get("/oidc/userinfo", provide_automatic_options=False)
@public
@cors.for_apps
def userinfo() -> ResponseReturnValue:
    return _userinfo(_bearer())


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/userinfo", provide_automatic_options=False)
@public
@cors.for_apps
def userinfo_by_post() -> ResponseReturnValue:
    """RFC 6750 § 2.2: the token may stand in the body."""
    return _userinfo(_bearer() or request.form.get("access_token"))


@bp.route("/oidc/userinfo", methods=["OPTIONS"])
@public
def userinfo_options() -> Response:
    return cors.preflight("GET", "POST")


def _userinfo(access_token: str | None) -> ResponseReturnValue:
    at = clock.now()
    opened = information.open_with(access_token, at=at) if access_token else None
    if opened is None:
        return _refused(401, "invalid_token" if access_token else None)
    if "openid" not in opened.scopes:
        return _refused(403, "insufficient_scope")
    signed = opened.signed_claims(at=at)
    response = (
        jsonify(opened.claims()) if signed is None else Response(signed, content_type="application/jwt")
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(status: int, error: str | None) -> Response:
    """RFC 6750 § 3.1: without a token there is no error code."""
    response = Response("{}", status=status, content_type="application/json")
    response.headers["WWW-Authenticate"] = f'{_CHALLENGE}, error="{error}"' if error else _CHALLENGE
    response.headers["Cache-Control"] = "no-store"
    return response


def _bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
