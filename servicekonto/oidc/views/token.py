"""What websites ask for behind the visitor's back: tokens, and what they may know."""

from datetime import datetime

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import claims, dpop, grants, subjects
from servicekonto.oidc.models import Grant
from servicekonto.oidc.server import server
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web.access import own_units_of_work, public
from servicekonto.web.security import csrf

_CHALLENGE = 'Bearer realm="Servicekonto"'


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/token")
@public
def token() -> Response:
    return server().respond()


@bp.get("/oidc/userinfo")
@public
@own_units_of_work
def userinfo() -> ResponseReturnValue:
    """Only a proof is written down; a bearer token changes nothing."""
    with unit_of_work(read_only=_token("dpop") is None):
        return _userinfo(_token("bearer"))


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/userinfo")
@public
def userinfo_by_post() -> ResponseReturnValue:
    """RFC 6750 § 2.2: the token may stand in the body."""
    return _userinfo(_token("bearer") or request.form.get("access_token"))


def _userinfo(bearer: str | None) -> ResponseReturnValue:
    at, bound = clock.now(), _token("dpop")
    try:
        grant = _grant_of_bound(bound, at=at) if bound else _grant_of(bearer, at=at)
    except dpop.InvalidProofError as error:
        return _refused(error.error, is_bound=True)
    if grant is None:
        return _refused("invalid_token" if bound or bearer else None, is_bound=bound is not None)
    found = {"sub": subjects.subject_of(grant.account, grant.client)}
    response = jsonify({**found, **claims.claims_of(grant.account, grant.scopes)})
    response.headers["Cache-Control"] = "no-store"
    return response


def _grant_of(bearer: str | None, *, at: datetime) -> Grant | None:
    return grants.grant_of_access_token(bearer, at=at) if bearer else None


def _grant_of_bound(token: str, *, at: datetime) -> Grant | None:
    """Raises InvalidProofError."""
    proof = dpop.proof_of_request(at=at, access_token=token)
    if proof is None:
        raise dpop.InvalidProofError("a DPoP proof is required")
    grant = grants.grant_of_access_token(token, jkt=proof.jkt, at=at)
    if grant is not None:
        proof.use_up()
    return grant


def _refused(error: str | None, *, is_bound: bool) -> Response:
    """RFC 6750 § 3.1: without a token there is no error code. Both ways are told, first the one that was
    tried.
    """
    response = Response("{}", status=401, content_type="application/json")
    bearer = f'{_CHALLENGE}, error="{error}"' if error else _CHALLENGE
    challenges = [dpop.challenge(error), _CHALLENGE] if is_bound else [bearer, dpop.challenge()]
    for challenge in challenges:
        response.headers.add("WWW-Authenticate", challenge)
    response.headers["Cache-Control"] = "no-store"
    return response


def _token(scheme: str) -> str | None:
    given, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if given.lower() == scheme and token.strip() else None
