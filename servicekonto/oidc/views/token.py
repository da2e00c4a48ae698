"""What websites ask for behind the visitor's back: tokens, and what they may know."""

from contextlib import nullcontext

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import cors, dpop
from servicekonto.oidc import userinfo as information
from servicekonto.oidc.server import server
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web.access import for_machines, own_units_of_work, public
from servicekonto.web.security import csrf

_CHALLENGE = 'Bearer realm="Servicekonto"'


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/token", provide_automatic_options=False)
@public
@for_machines
@cors.for_apps
def token() -> Response:
    return server().respond()


@bp.route("/oidc/token", methods=["OPTIONS"])
@public
@for_machines
def token_options() -> Response:
    return cors.preflight("POST")


@bp.get("/oidc/userinfo", provide_automatic_options=False)
@public
@for_machines
@own_units_of_work
@cors.for_apps
def userinfo() -> ResponseReturnValue:
    """Only a proof is written down; a bearer token changes nothing."""
    bound = _token("dpop")
    with unit_of_work() if bound is not None else nullcontext():
        return _userinfo(_token("bearer"), bound)


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/userinfo", provide_automatic_options=False)
@public
@for_machines
@cors.for_apps
def userinfo_by_post() -> ResponseReturnValue:
    """RFC 6750 § 2.2: the token may stand in the body, if it is not bound to a key."""
    return _userinfo(_token("bearer") or request.form.get("access_token"), _token("dpop"))


@bp.route("/oidc/userinfo", methods=["OPTIONS"])
@public
@for_machines
def userinfo_options() -> Response:
    return cors.preflight("GET", "POST")


def _userinfo(bearer: str | None, bound: str | None) -> ResponseReturnValue:
    at = clock.now()
    try:
        opened = information.open_with(bearer, bound=bound, at=at)
    except dpop.InvalidProofError as error:
        return _refused(401, error.error, is_bound=True)
    if opened is None:
        return _refused(401, "invalid_token" if bearer or bound else None, is_bound=bound is not None)
    if "openid" not in opened.scopes:
        return _refused(403, "insufficient_scope", is_bound=bound is not None)
    signed = opened.signed_claims(at=at)
    response = (
        jsonify(opened.claims()) if signed is None else Response(signed, content_type="application/jwt")
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(status: int, error: str | None, *, is_bound: bool) -> Response:
    """RFC 6750 § 3.1: without a token there is no error code. Both ways are told, first the one that was
    tried.
    """
    response = Response("{}", status=status, content_type="application/json")
    bearer = f'{_CHALLENGE}, error="{error}"' if error else _CHALLENGE
    challenges = [dpop.challenge(error), _CHALLENGE] if is_bound else [bearer, dpop.challenge()]
    for challenge in challenges:
        response.headers.add("WWW-Authenticate", challenge)
    response.headers["Cache-Control"] = "no-store"
    return response


def _token(scheme: str) -> str | None:
    given, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if given.lower() == scheme and token.strip() else None
