"""Where websites send their visitors to sign in.

A request whose answer needs no page is answered at once. Every other one is kept, and what follows has an
address without any of it (``views.interaction``).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.accounts import throttle
from servicekonto.core import clock
from servicekonto.core.errors import NotFoundError
from servicekonto.core.settings import settings
from servicekonto.oidc import authorization, intake, interactions
from servicekonto.oidc.authorization import AuthorizationRequest, BadRequestError, RefusedError, Target
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.intake import Received
from servicekonto.oidc.models import Interaction
from servicekonto.oidc.views import visitors
from servicekonto.oidc.views.answers import lead_back
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web.access import public, writes_on_get
from servicekonto.web.security import csrf

Parameters = dict[str, list[str]]


@bp.get("/oidc/authorize")
@public
@writes_on_get
def authorize() -> ResponseReturnValue:
    return _receive(request.args.to_dict(flat=False))


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/authorize")
@public
def authorize_by_post() -> ResponseReturnValue:
    """By a form of the website (OpenID Connect Core § 3.1.2.1): it does nothing but lead on, without
    cookies.
    """
    return _receive(request.form.to_dict(flat=False))


@dataclass(frozen=True)
class _Arrived:
    """A request with the browser: just received, or pushed before."""

    asked: AuthorizationRequest
    received: Received | None = None
    pushed: Interaction | None = None


def _receive(sent: Parameters) -> ResponseReturnValue:
    at = clock.now()
    try:
        client = authorization.find_client(sent)
        again = _here_again(sent, client, at=at)
        if again is not None:
            return redirect(url_for(".go_on", interaction_id=again.id), code=303)
        return _go_on(_arrived(sent, client, at=at), at=at)
    except BadRequestError as error:
        return render_template("oidc/bad_request.html", reason=error.reason), 400
    except RefusedError as error:
        target = cast(Target, error.target)
        return lead_back(client, target, error=error.error, error_description=error.description)


def _here_again(sent: Parameters, client: Client, *, at: datetime) -> Interaction | None:
    """Whoever opens the same address twice, in one browser and before they are through."""
    reference = sent.get("request_uri", [""])[0]
    interaction_id = interactions.id_in(reference)
    token = request.cookies.get(visitors.cookie_name(interaction_id)) if interaction_id else None
    if token is None:
        return None
    try:
        return interactions.handed_over(reference, client, token, at=at)
    except NotFoundError:
        return None


def _arrived(sent: Parameters, client: Client, *, at: datetime) -> _Arrived:
    """With a reference to a pushed request nothing else that is sent counts (RFC 9126 § 4)."""
    reference = sent.get("request_uri", [""])
    if len(reference) == 1 and reference[0].startswith(interactions.REFERENCE):
        pushed = interactions.find_pushed(reference[0], client, at=at)
        return _Arrived(interactions.request_of(pushed), pushed=pushed)
    received = intake.receive(sent, client, at=at)
    return _Arrived(received.request, received=received)


def _go_on(arrived: _Arrived, *, at: datetime) -> ResponseReturnValue:
    """A request that was posted comes without our cookies: who is there is seen on the next page."""
    if request.method == "GET":
        answer = visitors.answer_at_once(arrived.asked, at=at)
        if answer is not None:
            if arrived.pushed is not None:
                interactions.end(arrived.pushed, at=at)
            return answer
    throttle.record(throttle.website_request_attempt(address=request.remote_addr), at=at)
    return _to_next_page(arrived, at=at)


def _to_next_page(arrived: _Arrived, *, at: datetime) -> Response:
    if arrived.pushed is not None:
        interaction, token = arrived.pushed, interactions.hand_over(arrived.pushed, at=at)
    else:
        assert arrived.received is not None  # noqa: S101 - for the type checker
        interaction, token = interactions.begin(arrived.received, at=at)
    response = cast(Response, redirect(url_for(".go_on", interaction_id=interaction.id), code=303))
    response.set_cookie(
        visitors.cookie_name(interaction.id),
        token,
        secure=settings().uses_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response
