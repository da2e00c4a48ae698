"""Where a website leaves its request before it sends the visitor (RFC 9126)."""

from flask import Response, request

from servicekonto.accounts import throttle
from servicekonto.core import clock
from servicekonto.core.errors import ThrottledError
from servicekonto.oidc import dpop, intake, interactions
from servicekonto.oidc.authorization import BadRequestError, RefusedError
from servicekonto.oidc.client_models import Client, ClientKind
from servicekonto.oidc.server import server
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web.access import for_machines, public
from servicekonto.web.security import csrf


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/par")
@public
@for_machines
def par() -> Response:
    return server().answer("pushed_authorization_request", _push)


def _push(client: Client) -> tuple[int, object]:
    at, sent = clock.now(), request.form.to_dict(flat=False)
    if sent.setdefault("client_id", [client.client_id]) != [client.client_id]:
        return _refused("invalid_request", "client_id is not the client that has authenticated")
    if "request_uri" in sent:
        return _refused("invalid_request", "request_uri may not be pushed")
    try:
        received = intake.receive(sent, client, is_pushed=True, at=at)
        throttle.record(_attempt(client), at=at)
        received = intake.bound(received, dpop.key_of_pushed_request(received.request.dpop_jkt, at=at))
    except BadRequestError as error:
        return _refused("invalid_request", error.reason)
    except RefusedError as error:
        return _refused(error.error, error.description)
    except ThrottledError:
        return _refused("temporarily_unavailable", "too many requests of this client", status=429)
    request_uri = interactions.push(received, at=at)
    return 201, {"request_uri": request_uri, "expires_in": int(interactions.PUSHED_VALIDITY.total_seconds())}


def _attempt(client: Client) -> throttle.Attempt:
    """Anybody may speak for an app without a secret, and must not use up what its visitors need."""
    if client.kind is ClientKind.PUBLIC:
        return throttle.website_request_attempt(address=request.remote_addr)
    return throttle.pushed_request_attempt(client.id)


def _refused(error: str, description: str, *, status: int = 400) -> tuple[int, object]:
    return status, {"error": error, "error_description": description}
