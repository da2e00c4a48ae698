"""Who is there with a request, and what follows from it without a page."""

from datetime import datetime
from uuid import UUID

from flask import Response

from servicekonto.accounts import current, factors
from servicekonto.accounts.current import CurrentSession
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core.settings import settings
from servicekonto.oidc import consents, grants, interactions, subjects
from servicekonto.oidc.authorization import AuthorizationRequest
from servicekonto.oidc.consents import Standing
from servicekonto.oidc.decision import Decision, Issue, Present, Refuse, decide
from servicekonto.oidc.models import Interaction, WebsiteConsent
from servicekonto.oidc.views.answers import lead_back


def answer_at_once(asked: AuthorizationRequest, *, at: datetime) -> Response | None:
    """None where a page is needed. Nothing has happened since the request began: it begins now."""
    owner = current.current_account_or_none()
    standing = consents.standing(owner, asked.client) if owner else None
    match decision_for(asked, owner, standing, interaction=None, at=at):
        case Refuse(error):
            return lead_back(asked.client, asked.target, error=str(error))
        case Issue(level) if owner and standing and standing.consent:
            code = issue(asked, owner, standing.consent, level, at=at)
            return lead_back(asked.client, asked.target, code=code)
    return None


def decision_for(
    asked: AuthorizationRequest,
    owner: Account | None,
    standing: Standing | None,
    *,
    interaction: Interaction | None,
    has_just_consented: bool = False,
    at: datetime,
) -> Decision:
    if owner is None or standing is None:
        return decide(asked.wanted, None, at=at)
    running = current.current_session()
    present = Present(
        session_level=_level_of_last_proof(running),
        identity_level=standing.identity_level,
        can_reach=factors.reachable(owner.id) if asked.wanted.levels else AssuranceLevel.LOW,
        authenticated_at=running.authenticated_at,
        has_proved=interaction is not None
        and interactions.has_proved(
            interaction, current.browser().token, authenticated_at=running.authenticated_at
        ),
        has_consented=consents.covers(standing.consent, asked),
        has_just_consented=has_just_consented,
        has_chosen=interaction is not None and interaction.has_chosen,
        is_meant=asked.hinted_sub is None or subjects.is_subject(owner, asked.client, asked.hinted_sub),
    )
    return decide(asked.wanted, present, at=at)


def _level_of_last_proof(running: CurrentSession) -> AssuranceLevel:
    """A weaker proof prolongs a session and leaves its level. A website that reads when somebody has signed
    in must not take the one for the moment of the other.
    """
    return running.level if running.level_since >= running.authenticated_at else AssuranceLevel.LOW


def issue(
    asked: AuthorizationRequest,
    owner: Account,
    consent: WebsiteConsent,
    level: AssuranceLevel,
    *,
    at: datetime,
) -> str:
    """The code."""
    grants.use_consent(consent, at=at)
    running = current.current_session()
    return grants.issue_code(
        asked,
        owner,
        scopes=consents.granted_scopes(consent, asked),
        claims=consents.granted_claims(consent, asked),
        level=level,
        authenticated_at=running.authenticated_at,
        session_id=running.id,
        at=at,
    )


def cookie_name(interaction_id: UUID) -> str:
    """One for each request: many tabs may be on their way."""
    name = f"servicekonto-vorgang-{interaction_id.hex[-12:]}"
    return f"__Host-{name}" if settings().uses_https else name
