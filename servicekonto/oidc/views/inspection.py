"""Tokens asked about and given back, by websites that prove who they are."""

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidGrantError, InvalidRequestError
from flask import Response, request

from servicekonto.core import clock
from servicekonto.core.db import reading_alone, unit_of_work
from servicekonto.oidc import cors, inspection
from servicekonto.oidc.client_models import Client, ClientKind
from servicekonto.oidc.server import server
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web.access import for_machines, own_units_of_work, public
from servicekonto.web.security import csrf


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/introspect")
@public
@for_machines
@own_units_of_work
def introspect() -> Response:
    """Nothing is written unless a signed assertion is used up."""
    with unit_of_work() if "client_assertion" in request.form else reading_alone():
        return server().answer("introspection", _introspect)


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/revoke", provide_automatic_options=False)
@public
@for_machines
@cors.for_apps
def revoke() -> Response:
    return server().answer("revocation", _revoke)


@bp.route("/oidc/revoke", methods=["OPTIONS"])
@public
@for_machines
def revoke_options() -> Response:
    return cors.preflight("POST")


def _introspect(client: Client) -> tuple[int, object]:
    """Not for those who cannot prove who they are: anybody may know their names."""
    if client.kind is ClientKind.PUBLIC:
        raise InvalidClientError(status_code=401)
    return 200, inspection.described(_token(), client, at=clock.now())


def _revoke(client: Client) -> tuple[int, object]:
    try:
        inspection.revoke(_token(), client, at=clock.now())
    except inspection.ForeignTokenError as error:
        raise InvalidGrantError("the token was issued to another client") from error
    return 200, {}


def _token() -> str:
    token = request.form.get("token")
    if not token:
        raise InvalidRequestError("token is missing")
    return token
