"""What websites ask for behind the visitor's back: tokens, and what they may know."""

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from servicekonto.core import clock
from servicekonto.oidc import claims, grants, subjects
from servicekonto.oidc.server import server
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web.access import public
from servicekonto.web.security import csrf

_CHALLENGE = 'Bearer realm="Servicekonto"'


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/token")
@public
def token() -> Response:
    return server().respond()


@bp.get("/oidc/userinfo")
@public
def userinfo() -> ResponseReturnValue:
    return _userinfo(_bearer())


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/userinfo")
@public
def userinfo_by_post() -> ResponseReturnValue:
    """RFC 6750 § 2.2: the token may stand in the body."""
    return _userinfo(_bearer() or request.form.get("access_token"))


def _userinfo(access_token: str | None) -> ResponseReturnValue:
    grant = grants.grant_of_access_token(access_token, at=clock.now()) if access_token else None
    if grant is None:
        return _refused('error="invalid_token"' if access_token else None)
    found = {"sub": subjects.subject_of(grant.account, grant.client)}
    known = claims.claims_of(grant.account, grant.scopes, grant.claims_for("userinfo"))
    response = jsonify({**found, **known})
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(error: str | None) -> Response:
    """RFC 6750 § 3.1: without a token there is no error code."""
    response = Response("{}", status=401, content_type="application/json")
    response.headers["WWW-Authenticate"] = f"{_CHALLENGE}, {error}" if error else _CHALLENGE
    response.headers["Cache-Control"] = "no-store"
    return response


def _bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
