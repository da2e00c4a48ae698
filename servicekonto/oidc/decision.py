"""What happens next with an authorization request: one pure function over plain values.

The order is that of OpenID Connect Core § 3.1.2: who is there, is it recent and strong enough, what may the
website have. With ``prompt=none`` nothing is ever shown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from servicekonto.accounts.models import AssuranceLevel


class Error(StrEnum):
    LOGIN_REQUIRED = "login_required"
    CONSENT_REQUIRED = "consent_required"
    INTERACTION_REQUIRED = "interaction_required"
    UNMET = "unmet_authentication_requirements"


@dataclass(frozen=True)
class Login:
    """Nobody has signed in."""


@dataclass(frozen=True)
class ProveAgain:
    """Signed in, but not recently or not surely enough for this website."""

    level: AssuranceLevel


@dataclass(frozen=True)
class VerifyIdentity:
    """The website must know more surely who this is than the account does."""

    level: AssuranceLevel


@dataclass(frozen=True)
class AskConsent:
    pass


@dataclass(frozen=True)
class Refuse:
    error: Error


@dataclass(frozen=True)
class Issue:
    """``level`` is published: the lower of what is known about the person and how they signed in."""

    level: AssuranceLevel


Decision = Login | ProveAgain | VerifyIdentity | AskConsent | Refuse | Issue


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """``level``: the lowest that will do. ``is_essential``: below it nothing is issued."""

    prompts: frozenset[str] = frozenset()
    max_age: timedelta | None = None
    level: AssuranceLevel = AssuranceLevel.LOW
    is_essential: bool = False

    @property
    def is_silent(self) -> bool:
        return "none" in self.prompts


@dataclass(frozen=True, kw_only=True)
class Present:
    """Who is there. ``has_proved``: since this request began. ``can_reach``: with the factors they have."""

    session_level: AssuranceLevel
    identity_level: AssuranceLevel
    can_reach: AssuranceLevel
    authenticated_at: datetime
    has_proved: bool
    has_consented: bool
    has_just_consented: bool


def decide(wanted: Wanted, present: Present | None, *, at: datetime) -> Decision:
    decision = _decide(wanted, present, at=at)
    if wanted.is_silent:
        return _SILENT.get(type(decision), decision)
    return decision


_SILENT: dict[type[Decision], Decision] = {
    Login: Refuse(Error.LOGIN_REQUIRED),
    ProveAgain: Refuse(Error.LOGIN_REQUIRED),
    VerifyIdentity: Refuse(Error.INTERACTION_REQUIRED),
    AskConsent: Refuse(Error.CONSENT_REQUIRED),
}


def _decide(wanted: Wanted, present: Present | None, *, at: datetime) -> Decision:
    if present is None:
        return Login()
    if not present.has_proved and (_wants_new_proof(wanted) or _is_too_old(wanted, present, at=at)):
        return ProveAgain(AssuranceLevel.LOW)
    if not present.identity_level.reaches(_identity_for(wanted.level)) and wanted.is_essential:
        return VerifyIdentity(wanted.level)
    if not present.session_level.reaches(wanted.level) and _is_worth_asking(wanted, present):
        return ProveAgain(wanted.level)
    if not present.has_consented or ("consent" in wanted.prompts and not present.has_just_consented):
        return AskConsent()
    return Issue(min(present.session_level, _published(present.identity_level), key=_rank))


def _wants_new_proof(wanted: Wanted) -> bool:
    return bool({"login", "select_account"} & wanted.prompts)


def _is_too_old(wanted: Wanted, present: Present, *, at: datetime) -> bool:
    return wanted.max_age is not None and at - present.authenticated_at > wanted.max_age


def _is_worth_asking(wanted: Wanted, present: Present) -> bool:
    """A voluntary level is asked for when it can be reached and would be published."""
    if wanted.is_essential:
        return True
    return present.can_reach.reaches(wanted.level) and present.identity_level.reaches(wanted.level)


def _identity_for(level: AssuranceLevel) -> AssuranceLevel:
    """Up to *low* an address that was confirmed is enough."""
    return AssuranceLevel.BASIC if AssuranceLevel.LOW.reaches(level) else level


def _published(identity: AssuranceLevel) -> AssuranceLevel:
    return AssuranceLevel.LOW if identity is AssuranceLevel.BASIC else identity


def _rank(level: AssuranceLevel) -> int:
    return list(AssuranceLevel).index(level)
