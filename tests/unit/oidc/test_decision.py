"""Every rule about what happens next, as a table."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.oidc.decision import (
    AskConsent,
    Decision,
    Error,
    Issue,
    Login,
    Present,
    ProveAgain,
    Refuse,
    VerifyIdentity,
    Wanted,
    decide,
)

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
BASIC, LOW, SUBSTANTIAL, HIGH = AssuranceLevel


def present(**changes: Any) -> Present:
    values: dict[str, Any] = {
        "session_level": LOW,
        "identity_level": BASIC,
        "can_reach": LOW,
        "authenticated_at": NOW - timedelta(minutes=5),
        "has_proved": False,
        "has_consented": True,
        "has_just_consented": False,
    }
    return Present(**values | changes)


def wanted(*prompts: str, **changes: Any) -> Wanted:
    return Wanted(prompts=frozenset(prompts), **changes)


SURE = {"session_level": SUBSTANTIAL, "identity_level": SUBSTANTIAL, "can_reach": SUBSTANTIAL}

TABLE: list[tuple[str, Wanted, Present | None, Decision]] = [
    ("nobody is there", wanted(), None, Login()),
    ("nobody is there, silently", wanted("none"), None, Refuse(Error.LOGIN_REQUIRED)),
    ("all is well", wanted(), present(), Issue(LOW)),
    ("all is well, silently", wanted("none"), present(), Issue(LOW)),
    ("no consent yet", wanted(), present(has_consented=False), AskConsent()),
    (
        "no consent yet, silently",
        wanted("none"),
        present(has_consented=False),
        Refuse(Error.CONSENT_REQUIRED),
    ),
    ("consent asked again", wanted("consent"), present(), AskConsent()),
    ("consent given just now", wanted("consent"), present(has_just_consented=True), Issue(LOW)),
    ("a new sign-in is wanted", wanted("login"), present(), ProveAgain(LOW)),
    ("and has happened", wanted("login"), present(has_proved=True), Issue(LOW)),
    ("another account may be chosen", wanted("select_account"), present(), ProveAgain(LOW)),
    ("sign-in and consent", wanted("login", "consent"), present(has_proved=True), AskConsent()),
    ("too long ago", wanted(max_age=timedelta(minutes=4)), present(), ProveAgain(LOW)),
    ("recent enough", wanted(max_age=timedelta(minutes=6)), present(), Issue(LOW)),
    ("max_age 0", wanted(max_age=timedelta()), present(), ProveAgain(LOW)),
    ("max_age 0, proved", wanted(max_age=timedelta()), present(has_proved=True), Issue(LOW)),
    (
        "too long ago, silently",
        wanted("none", max_age=timedelta(minutes=4)),
        present(),
        Refuse(Error.LOGIN_REQUIRED),
    ),
    ("a level that is there", wanted(level=SUBSTANTIAL), present(**SURE), Issue(SUBSTANTIAL)),
    (
        "a level that can be reached",
        wanted(level=SUBSTANTIAL),
        present(**SURE | {"session_level": LOW}),
        ProveAgain(SUBSTANTIAL),
    ),
    (
        "a level that would not be published anyway",
        wanted(level=SUBSTANTIAL),
        present(can_reach=SUBSTANTIAL),
        Issue(LOW),
    ),
    ("a level without a second factor", wanted(level=SUBSTANTIAL), present(identity_level=HIGH), Issue(LOW)),
    (
        "a level that must be",
        wanted(level=SUBSTANTIAL, is_essential=True),
        present(identity_level=SUBSTANTIAL),
        ProveAgain(SUBSTANTIAL),
    ),
    (
        "an identity that must be known",
        wanted(level=SUBSTANTIAL, is_essential=True),
        present(session_level=SUBSTANTIAL),
        VerifyIdentity(SUBSTANTIAL),
    ),
    (
        "an identity that must be known, silently",
        wanted("none", level=SUBSTANTIAL, is_essential=True),
        present(session_level=SUBSTANTIAL),
        Refuse(Error.INTERACTION_REQUIRED),
    ),
    ("the identity is below the sign-in", wanted(), present(session_level=SUBSTANTIAL), Issue(LOW)),
    ("the sign-in is below the identity", wanted(), present(identity_level=HIGH), Issue(LOW)),
    ("low needs no document", wanted(level=LOW, is_essential=True), present(), Issue(LOW)),
]


@pytest.mark.parametrize(
    ("asked", "there", "decision"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_what_happens_next(asked: Wanted, there: Present | None, decision: Decision) -> None:
    assert decide(asked, there, at=NOW) == decision


def test_silently_nothing_is_ever_shown() -> None:
    for _name, asked, there, _decision in TABLE:
        silent = Wanted(
            prompts=frozenset({"none"}),
            max_age=asked.max_age,
            level=asked.level,
            is_essential=asked.is_essential,
        )
        assert isinstance(decide(silent, there, at=NOW), Issue | Refuse)
