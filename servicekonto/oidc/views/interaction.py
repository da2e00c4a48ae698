"""The pages between a website's request and the way back: each step is decided anew."""

from datetime import datetime
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import commands, current, step_up, throttle
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core import clock
from servicekonto.core.settings import settings
from servicekonto.oidc import consents, grants, hints, interactions
from servicekonto.oidc.authorization import AuthorizationRequest, RefusedError, target_of
from servicekonto.oidc.consents import Standing
from servicekonto.oidc.decision import (
    AskConsent,
    ChooseAccount,
    Decision,
    Issue,
    Login,
    OtherAccount,
    ProveAgain,
    Refuse,
    StepUp,
    VerifyIdentity,
)
from servicekonto.oidc.models import Interaction, WebsiteConsent
from servicekonto.oidc.views import visitors
from servicekonto.oidc.views.answers import lead_back
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web import i18n
from servicekonto.web.access import public, writes_on_get
from servicekonto.web.security import allow_form_target


@bp.get("/oidc/vorgang/<uuid:interaction_id>")
@public
@writes_on_get
def go_on(interaction_id: UUID) -> ResponseReturnValue:
    """The next step of this request, as often as it is opened."""
    at = clock.now()
    interaction = _get(interaction_id, at=at)
    interactions.see(interaction, current.browser().token, at=at)
    return _next(interaction, at=at)


@bp.post("/oidc/vorgang/<uuid:interaction_id>")
@public
def answer(interaction_id: UUID) -> ResponseReturnValue:
    """The person agrees, chooses an account, or turns back."""
    at = clock.now()
    interaction = _get(interaction_id, at=at)
    owner, action = current.current_account_or_none(), request.form.get("action")
    if owner is not None and action in {"agree", "all"}:
        return _next(interaction, agreed_by=owner, at=at)
    if owner is not None and action == "keep":
        interactions.choose(interaction)
        return _again(interaction)
    if owner is not None and action == "switch":
        commands.sign_out(owner, token=current.browser().token, at=at)
        return current.farewell(url_for(".go_on", interaction_id=interaction.id))
    return _leave(interaction, error="access_denied", at=at)


def _next(interaction: Interaction, *, agreed_by: Account | None = None, at: datetime) -> ResponseReturnValue:
    try:
        asked = interactions.request_of(interaction)
    except RefusedError as error:
        return _leave(interaction, error=error.error, error_description=error.description, at=at)
    owner = current.current_account_or_none()
    standing = consents.standing(owner, asked.client) if owner else None
    decision = visitors.decision_for(asked, owner, standing, interaction=interaction, at=at)
    if agreed_by is not None and not isinstance(decision, AskConsent):
        return _again(interaction)
    if agreed_by is not None and request.form.get("question") != consents.question(asked):
        return _ask_anew(interaction)
    if agreed_by is not None and standing is not None:
        standing = Standing(standing.identity_level, _agree(asked, agreed_by, at=at))
        decision = visitors.decision_for(
            asked, owner, standing, interaction=interaction, has_just_consented=True, at=at
        )
    return _carry_out(decision, interaction, asked, owner, standing, at=at)


def _again(interaction: Interaction) -> ResponseReturnValue:
    """To the page that is next now."""
    return redirect(url_for(".go_on", interaction_id=interaction.id), code=303)


def _ask_anew(interaction: Interaction) -> ResponseReturnValue:
    """The page that was agreed to showed something else: nobody has agreed to what is asked now."""
    flash(
        gettext("Was die Website erfragt, hat sich eben geändert. Bitte sehen Sie noch einmal hin."),
        "warning",
    )
    return _again(interaction)


def _agree(asked: AuthorizationRequest, owner: Account, *, at: datetime) -> WebsiteConsent:
    scopes, claims = consents.chosen(
        asked, request.form.to_dict(flat=False), everything=request.form["action"] == "all"
    )
    return grants.give_consent(
        owner, asked.client, scopes, claims, asked=asked.scopes, asked_claims=asked.claims.names, at=at
    )


def _carry_out(
    decision: Decision,
    interaction: Interaction,
    asked: AuthorizationRequest,
    owner: Account | None,
    standing: Standing | None,
    *,
    at: datetime,
) -> ResponseReturnValue:
    match decision:
        case Refuse(error):
            return _leave(interaction, error=str(error), at=at)
        case Issue(level) if owner and standing and standing.consent:
            code = visitors.issue(asked, owner, standing.consent, level, at=at)
            return _leave(interaction, code=code, at=at)
    allow_form_target(asked.target.origin)
    i18n.suggest(hints.language_in(asked.ui_locales))
    return _page(decision, interaction, asked, owner, standing)


def _page(
    decision: Decision,
    interaction: Interaction,
    asked: AuthorizationRequest,
    owner: Account | None,
    standing: Standing | None,
) -> ResponseReturnValue:
    about = {"client": asked.client, "interaction": interaction}
    match decision:
        case AskConsent(level) if owner and standing:
            return _consent_page(interaction, asked, owner, standing, level)
        case OtherAccount() | ChooseAccount():
            is_other = isinstance(decision, OtherAccount)
            return render_template("oidc/which_account.html", is_other=is_other, **about)
        case VerifyIdentity():
            return render_template("oidc/verify_identity.html", **about)
        case ProveAgain():
            return step_up.ask(gettext("Diese Website möchte, dass Sie sich neu anmelden."))
        case StepUp(level):
            return step_up.lead_to(level) or step_up.ask(
                gettext("Diese Website möchte, dass Sie sich neu anmelden.")
            )
        case Login() | _:
            current.suggest_address(asked.login_hint)
            current.want_this_page()
            return redirect(url_for("accounts.sign_in"), code=303)


def _consent_page(
    interaction: Interaction,
    asked: AuthorizationRequest,
    owner: Account,
    standing: Standing,
    level: AssuranceLevel,
) -> ResponseReturnValue:
    needed, optional = consents.offers(owner, asked, standing.consent)
    return render_template(
        "oidc/consent.html",
        interaction=interaction,
        client=asked.client,
        purpose=asked.client.purpose_en if i18n.language() == "en" else asked.client.purpose,
        identifier=consents.identifier_label(asked.client),
        meaning=consents.meaning_of(level),
        question=consents.question(asked),
        needed=needed,
        optional=optional,
    )


def _leave(interaction: Interaction, *, at: datetime, **parameters: str | None) -> Response:
    """Back to the website; this request is over."""
    interactions.end(interaction, at=at)
    throttle.forgive(throttle.website_request_attempt(address=request.remote_addr), at=at)
    response = lead_back(interaction.client, target_of(interaction.parameters), **parameters)
    i18n.suggest(None)
    response.delete_cookie(
        visitors.cookie_name(interaction.id),
        secure=settings().uses_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def _get(interaction_id: UUID, *, at: datetime) -> Interaction:
    token = request.cookies.get(visitors.cookie_name(interaction_id))
    return interactions.get(interaction_id, browser_token=token, at=at, for_update=True)
