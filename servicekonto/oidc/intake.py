"""From what a website sent to a request that was understood: the same for the browser's way and for the
direct one (RFC 9126 § 2.1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from servicekonto.oidc import authorization, hints, request_objects
from servicekonto.oidc.authorization import AuthorizationRequest, RefusedError, Target
from servicekonto.oidc.client_models import Client

KEPT = (
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "response_mode"),
    *("code_challenge", "code_challenge_method", "prompt", "max_age", "acr_values", "claims", "ui_locales"),
    "dpop_jkt",
)
"""What is kept of a request. ``login_hint`` and ``id_token_hint`` name a person and are kept otherwise."""

Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Received:
    """``parameters`` as they are kept."""

    request: AuthorizationRequest
    parameters: dict[str, list[str]]


def receive(sent: Parameters, client: Client, *, is_pushed: bool = False, at: datetime) -> Received:
    """Raises BadRequestError when nothing may lead back, else RefusedError with its target."""
    try:
        if "request_uri" in sent:
            raise RefusedError("request_uri_not_supported", "request_uri must be one of ours")
        parameters = request_objects.opened(sent, client, at=at)
    except RefusedError as error:
        error.target = authorization.find_target(sent, client)
        raise
    target = authorization.find_target(parameters, client)
    try:
        if client.require_pushed_authorization_requests and not is_pushed:
            raise RefusedError("invalid_request", "this client must push its requests")
        return _understood(parameters, client, target)
    except RefusedError as error:
        error.target = target
        raise


def bound(received: Received, jkt: str | None) -> Received:
    """Its code can be exchanged with this key alone (RFC 9449 § 10.1)."""
    if jkt is None:
        return received
    return Received(replace(received.request, dpop_jkt=jkt), {**received.parameters, "dpop_jkt": [jkt]})


def _understood(parameters: Parameters, client: Client, target: Target) -> Received:
    request = authorization.read(parameters, client, target)
    if "id_token_hint" in parameters:
        hinted = hints.subject_of(parameters["id_token_hint"][0], client)
        if request.hinted_sub not in {None, hinted}:
            raise RefusedError("invalid_request", "id_token_hint and claims name different people")
        request = replace(request, hinted_sub=hinted)
    request = replace(request, login_hint=hints.address_in(request.login_hint))
    return Received(request, {name: list(values) for name, values in parameters.items() if name in KEPT})
