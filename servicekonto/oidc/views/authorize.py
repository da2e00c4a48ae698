"""Where websites send their visitors to sign in, and the way from there back."""

from datetime import datetime
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import current, factors, levels, step_up
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core import clock
from servicekonto.core.settings import settings
from servicekonto.oidc import authorization, claims, grants, interactions
from servicekonto.oidc.authorization import AuthorizationRequest, BadRequestError, RefusedError, Target
from servicekonto.oidc.decision import (
    AskConsent,
    Decision,
    Issue,
    Login,
    Present,
    ProveAgain,
    Refuse,
    VerifyIdentity,
    decide,
)
from servicekonto.oidc.models import Interaction
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web.access import public, writes_on_get
from servicekonto.web.i18n import language
from servicekonto.web.security import allow_form_target, csrf


@bp.get("/oidc/authorize")
@public
@writes_on_get
def authorize() -> ResponseReturnValue:
    """Everything about the request is kept here; what follows has an address without any of it."""
    return _begin(request.args.to_dict(flat=False))


@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/oidc/authorize")
@public
def authorize_by_post() -> ResponseReturnValue:
    """By a form of the website (OpenID Connect Core § 3.1.2.1): it does nothing but lead on, without
    cookies.
    """
    return _begin(request.form.to_dict(flat=False))


@bp.get("/oidc/vorgang/<uuid:interaction_id>")
@public
@writes_on_get
def go_on(interaction_id: UUID) -> ResponseReturnValue:
    """The next step of this request, as often as it is opened."""
    at = clock.now()
    interaction = _get(interaction_id, at=at)
    interactions.see(interaction, current.browser().token, at=at)
    return _next(interaction, has_just_consented=False, at=at)


@bp.post("/oidc/vorgang/<uuid:interaction_id>")
@public
def answer(interaction_id: UUID) -> ResponseReturnValue:
    """The person agrees, or turns back."""
    at = clock.now()
    interaction = _get(interaction_id, at=at)
    owner = current.current_account_or_none()
    if owner is None or request.form.get("action") != "agree":
        return _leave(interaction, error="access_denied", at=at)
    asked = interactions.request_of(interaction).scopes
    grants.give_consent(
        owner, interaction.client, {"openid", *request.form.getlist("scopes")}, asked=asked, at=at
    )
    return _next(interaction, has_just_consented=True, at=at)


def _begin(parameters: dict[str, list[str]]) -> ResponseReturnValue:
    at = clock.now()
    try:
        client, target = authorization.find_target(parameters)
    except BadRequestError as error:
        return render_template("oidc/bad_request.html", reason=error.reason), 400
    try:
        authorization.read(parameters, client, target)
    except RefusedError as error:
        return redirect(target.url(error=error.error, error_description=error.description), code=303)
    interaction, token = interactions.begin(client, parameters, at=at)
    response = cast(Response, redirect(url_for(".go_on", interaction_id=interaction.id), code=303))
    response.set_cookie(
        _cookie(interaction.id),
        token,
        secure=settings().uses_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def _next(interaction: Interaction, *, has_just_consented: bool, at: datetime) -> ResponseReturnValue:
    try:
        asked = interactions.request_of(interaction)
    except RefusedError as error:
        return _leave(interaction, error=error.error, description=error.description, at=at)
    owner = current.current_account_or_none()
    present = _present(interaction, asked, owner, has_just_consented) if owner else None
    return _carry_out(decide(asked.wanted, present, at=at), interaction, asked, owner, at=at)


def _carry_out(
    decision: Decision,
    interaction: Interaction,
    asked: AuthorizationRequest,
    owner: Account | None,
    *,
    at: datetime,
) -> ResponseReturnValue:
    allow_form_target(_origin(asked.target))
    match decision:
        case Refuse(error):
            return _leave(interaction, error=str(error), at=at)
        case Issue(level) if owner is not None:
            return _leave(interaction, code=_issue(asked, owner, level, at=at), at=at)
        case AskConsent() if owner is not None:
            return _consent_page(interaction, asked, owner)
        case VerifyIdentity():
            return render_template("oidc/verify_identity.html", client=asked.client, interaction=interaction)
        case ProveAgain(level):
            return _prove_again(level)
        case Login() | _:
            current.want_this_page()
            return redirect(url_for("accounts.sign_in"), code=303)


def _prove_again(level: AssuranceLevel) -> ResponseReturnValue:
    further = step_up.lead_to(level)
    return further or step_up.ask(gettext("Diese Website möchte, dass Sie sich neu anmelden."))


def _present(
    interaction: Interaction, asked: AuthorizationRequest, owner: Account, has_just_consented: bool
) -> Present:
    running = current.current_session()
    consent = grants.consent_of(owner, asked.client)
    return Present(
        session_level=running.level,
        identity_level=levels.identity_of(owner),
        can_reach=factors.reachable(owner.id),
        authenticated_at=running.authenticated_at,
        has_proved=interactions.has_proved(interaction, current.browser().token),
        has_consented=consent is not None and set(asked.scopes) <= set(consent.asked),
        has_just_consented=has_just_consented,
    )


def _issue(asked: AuthorizationRequest, owner: Account, level: AssuranceLevel, *, at: datetime) -> str:
    consent = grants.consent_of(owner, asked.client)
    assert consent is not None  # noqa: S101 - decided just now
    consent.last_used_at = at
    running = current.current_session()
    return grants.issue_code(
        asked,
        owner,
        scopes=set(consent.scopes) & set(asked.scopes),
        level=level,
        authenticated_at=running.authenticated_at,
        session_id=running.id,
        at=at,
    )


def _consent_page(
    interaction: Interaction, asked: AuthorizationRequest, owner: Account
) -> ResponseReturnValue:
    return render_template(
        "oidc/consent.html",
        interaction=interaction,
        client=asked.client,
        purpose=asked.client.purpose_en if language() == "en" else asked.client.purpose,
        shown=claims.shown(owner, asked.scopes),
        level=levels.identity_of(owner),
    )


def _leave(
    interaction: Interaction,
    *,
    at: datetime,
    code: str | None = None,
    error: str | None = None,
    description: str | None = None,
) -> ResponseReturnValue:
    """Back to the website; this request is over."""
    interactions.end(interaction, at=at)
    target = interactions.target_of(interaction)
    response = make_response(
        redirect(target.url(code=code, error=error, error_description=description), code=303)
    )
    response.delete_cookie(
        _cookie(interaction.id), secure=settings().uses_https, httponly=True, samesite="Lax", path="/"
    )
    return response


def _get(interaction_id: UUID, *, at: datetime) -> Interaction:
    token = request.cookies.get(_cookie(interaction_id))
    return interactions.get(interaction_id, browser_token=token, at=at, for_update=True)


def _cookie(interaction_id: UUID) -> str:
    """One for each request: many tabs may be on their way."""
    name = f"servicekonto-vorgang-{interaction_id.hex[-12:]}"
    return f"__Host-{name}" if settings().uses_https else name


def _origin(target: Target) -> str:
    parts = urlsplit(target.redirect_uri)
    return f"{parts.scheme}://{parts.netloc}"
