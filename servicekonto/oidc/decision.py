"""What happens next with an authorization request: one pure function over plain values.

The order is that of OpenID Connect Core § 3.1.2: who is there, is it the right one, is it recent and strong
enough, what may the website have. With ``prompt=none`` nothing is ever shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.oidc import assurance


class Error(StrEnum):
    LOGIN_REQUIRED = "login_required"
    CONSENT_REQUIRED = "consent_required"
    INTERACTION_REQUIRED = "interaction_required"
    ACCOUNT_SELECTION_REQUIRED = "account_selection_required"
    UNMET = "unmet_authentication_requirements"


@dataclass(frozen=True)
class Login:
    """Nobody has signed in."""


@dataclass(frozen=True)
class OtherAccount:
    """Somebody has, but not whom the website means (``id_token_hint``)."""


@dataclass(frozen=True)
class ChooseAccount:
    """The one that is signed in, or another."""


@dataclass(frozen=True)
class ProveAgain:
    """Signed in, but too long ago for this website."""


@dataclass(frozen=True)
class StepUp:
    """Signed in, but not surely enough."""

    level: AssuranceLevel


@dataclass(frozen=True)
class VerifyIdentity:
    """The website must know more surely who this is than the account does."""

    level: AssuranceLevel


@dataclass(frozen=True)
class AskConsent:
    """``level``: what would be published."""

    level: AssuranceLevel


@dataclass(frozen=True)
class Refuse:
    error: Error


@dataclass(frozen=True)
class Issue:
    """``level`` is published as ``acr``."""

    level: AssuranceLevel


Decision = (
    Login | OtherAccount | ChooseAccount | ProveAgain | StepUp | VerifyIdentity | AskConsent | Refuse | Issue
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """``minimum``: below it nothing is issued, whatever the request says. ``levels``: what the website asks
    for, the most wanted first, none below the minimum; each covers what is below it. ``is_essential``:
    without one of them nothing is issued either (OpenID Connect Core § 5.5.1.1).
    """

    prompts: frozenset[str] = frozenset()
    max_age: timedelta | None = None
    minimum: AssuranceLevel = AssuranceLevel.LOW
    levels: tuple[AssuranceLevel, ...] = ()
    is_essential: bool = False

    @property
    def is_silent(self) -> bool:
        return "none" in self.prompts


@dataclass(frozen=True, kw_only=True)
class Present:
    """Who is there. ``has_proved`` and ``has_chosen``: since this request began. ``can_reach``: with the
    factors they have; it matters only where levels are asked for. ``is_meant``: by the website, or it did
    not say.
    """

    session_level: AssuranceLevel
    identity_level: AssuranceLevel
    can_reach: AssuranceLevel
    authenticated_at: datetime
    has_proved: bool
    has_consented: bool
    has_just_consented: bool
    has_chosen: bool = False
    is_meant: bool = True

    @property
    def attained(self) -> AssuranceLevel:
        """The lower of what is known about the person and how they signed in."""
        return assurance.lower(self.session_level, self.identity_level)

    def could_attain(self, level: AssuranceLevel) -> bool:
        is_offered = level in assurance.OFFERED
        return is_offered and self.can_reach.reaches(level) and self.is_known_at(level)

    def is_known_at(self, level: AssuranceLevel) -> bool:
        """Up to *low* an address that was confirmed is enough."""
        return assurance.published(self.identity_level).reaches(level)


def decide(wanted: Wanted, present: Present | None, *, at: datetime) -> Decision:
    decision = _decide(wanted, present, at=at)
    return _SILENT.get(type(decision), decision) if wanted.is_silent else decision


_SILENT: dict[type[Decision], Decision] = {
    Login: Refuse(Error.LOGIN_REQUIRED),
    OtherAccount: Refuse(Error.LOGIN_REQUIRED),
    ChooseAccount: Refuse(Error.ACCOUNT_SELECTION_REQUIRED),
    ProveAgain: Refuse(Error.LOGIN_REQUIRED),
    StepUp: Refuse(Error.INTERACTION_REQUIRED),
    VerifyIdentity: Refuse(Error.INTERACTION_REQUIRED),
    AskConsent: Refuse(Error.CONSENT_REQUIRED),
}


def _decide(wanted: Wanted, present: Present | None, *, at: datetime) -> Decision:
    if wanted.minimum not in assurance.OFFERED:
        return Refuse(Error.UNMET)
    if present is None:
        return Login()
    step = _right_person(wanted, present, at=at) or _sure_enough(wanted, present)
    if step is not None:
        return step
    level = published(present.attained, wanted.levels)
    if not present.has_consented or ("consent" in wanted.prompts and not present.has_just_consented):
        return AskConsent(level)
    return Issue(level)


def published(attained: AssuranceLevel, asked: Iterable[AssuranceLevel]) -> AssuranceLevel:
    """What was attained, if the website knows it; else the highest it asked for that is covered. Where
    nothing is covered the truth is told.
    """
    covered = [level for level in asked if attained.reaches(level)]
    return max(covered, key=assurance.rank, default=attained)


def _right_person(wanted: Wanted, present: Present, *, at: datetime) -> Decision | None:
    if not present.is_meant:
        return OtherAccount()
    if "select_account" in wanted.prompts and not (present.has_chosen or present.has_proved):
        return ChooseAccount()
    if not present.has_proved and ("login" in wanted.prompts or _is_too_old(wanted, present, at=at)):
        return ProveAgain()
    return None


def _is_too_old(wanted: Wanted, present: Present, *, at: datetime) -> bool:
    """None at all means in any case: two machines may have two times."""
    if wanted.max_age is None:
        return False
    return not wanted.max_age or at - present.authenticated_at >= wanted.max_age


def _sure_enough(wanted: Wanted, present: Present) -> Decision | None:
    if not present.is_known_at(wanted.minimum):
        return VerifyIdentity(wanted.minimum)
    if not present.session_level.reaches(wanted.minimum):
        return StepUp(wanted.minimum)
    if not wanted.levels or any(present.attained.reaches(level) for level in wanted.levels):
        return None
    goal = next((level for level in wanted.levels if present.could_attain(level)), None)
    if goal is None:
        return Refuse(Error.UNMET) if wanted.is_essential else None
    return StepUp(goal) if wanted.is_essential or not wanted.is_silent else None
