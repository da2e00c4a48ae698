"""Every rule about what happens next, as a table."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.oidc.decision import (
    AskConsent,
    ChooseAccount,
    Decision,
    Error,
    Issue,
    Login,
    OtherAccount,
    Present,
    ProveAgain,
    Refuse,
    StepUp,
    VerifyIdentity,
    Wanted,
    decide,
    published,
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


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


SURE = {"session_level": SUBSTANTIAL, "identity_level": SUBSTANTIAL, "can_reach": SUBSTANTIAL}
KNOWN = SURE | {"session_level": LOW}

WHO: list[tuple[str, Wanted, Present | None, Decision]] = [
    ("nobody is there", wanted(), None, Login()),
    ("nobody is there, silently", wanted("none"), None, Refuse(Error.LOGIN_REQUIRED)),
    ("nobody is there, every prompt", wanted("login", "consent", "select_account"), None, Login()),
    ("all is well", wanted(), present(), Issue(LOW)),
    ("all is well, silently", wanted("none"), present(), Issue(LOW)),
    ("another person is meant", wanted(), present(is_meant=False), OtherAccount()),
    (
        "another person is meant, silently",
        wanted("none"),
        present(is_meant=False),
        Refuse(Error.LOGIN_REQUIRED),
    ),
    ("the wrong one has proved", wanted("login"), present(is_meant=False, has_proved=True), OtherAccount()),
    ("another account may be chosen", wanted("select_account"), present(), ChooseAccount()),
    ("this one was chosen", wanted("select_account"), present(has_chosen=True), Issue(LOW)),
    ("another one has signed in", wanted("select_account"), present(has_proved=True), Issue(LOW)),
    ("choosing and signing in", wanted("select_account", "login"), present(), ChooseAccount()),
    ("chosen is not proved", wanted("select_account", "login"), present(has_chosen=True), ProveAgain()),
    ("a new sign-in is wanted", wanted("login"), present(), ProveAgain()),
    ("a new sign-in in the same moment", wanted("login"), present(authenticated_at=NOW), ProveAgain()),
    ("and has happened", wanted("login"), present(has_proved=True), Issue(LOW)),
    ("sign-in and consent", wanted("login", "consent"), present(has_proved=True), AskConsent(LOW)),
    ("sign-in before consent", wanted("login", "consent"), present(), ProveAgain()),
    (
        "sign-in and consent, both done",
        wanted("login", "consent"),
        present(has_proved=True, has_just_consented=True),
        Issue(LOW),
    ),
    (
        "everything, all done",
        wanted("login", "consent", "select_account"),
        present(has_proved=True, has_just_consented=True),
        Issue(LOW),
    ),
    ("too long ago", wanted(max_age=minutes(4)), present(), ProveAgain()),
    ("recent enough", wanted(max_age=minutes(6)), present(), Issue(LOW)),
    ("max_age 0", wanted(max_age=timedelta()), present(), ProveAgain()),
    (
        "max_age 0 in the same moment",
        wanted(max_age=timedelta()),
        present(authenticated_at=NOW),
        ProveAgain(),
    ),
    ("max_age 0, proved", wanted(max_age=timedelta()), present(has_proved=True), Issue(LOW)),
    ("max_age 0, proved long ago", wanted(max_age=timedelta()), present(has_proved=True), Issue(LOW)),
    ("too long ago, silently", wanted("none", max_age=minutes(4)), present(), Refuse(Error.LOGIN_REQUIRED)),
]
CONSENT: list[tuple[str, Wanted, Present | None, Decision]] = [
    ("no consent yet", wanted(), present(has_consented=False), AskConsent(LOW)),
    (
        "no consent yet, silently",
        wanted("none"),
        present(has_consented=False),
        Refuse(Error.CONSENT_REQUIRED),
    ),
    ("consent asked again", wanted("consent"), present(), AskConsent(LOW)),
    ("consent given just now", wanted("consent"), present(has_just_consented=True), Issue(LOW)),
    (
        "the page says the level",
        wanted(),
        present(**SURE | {"has_consented": False}),
        AskConsent(SUBSTANTIAL),
    ),
]
LEVELS: list[tuple[str, Wanted, Present | None, Decision]] = [
    ("the identity is below the sign-in", wanted(), present(session_level=SUBSTANTIAL), Issue(LOW)),
    ("the sign-in is below the identity", wanted(), present(identity_level=HIGH), Issue(LOW)),
    ("nothing asked, more attained", wanted(), present(**SURE), Issue(SUBSTANTIAL)),
    ("a level that is there", wanted(levels=(SUBSTANTIAL,)), present(**SURE), Issue(SUBSTANTIAL)),
    ("a lower one is asked", wanted(levels=(LOW,)), present(**SURE), Issue(LOW)),
    ("the highest covered counts", wanted(levels=(LOW, SUBSTANTIAL)), present(**SURE), Issue(SUBSTANTIAL)),
    ("a level that can be reached", wanted(levels=(SUBSTANTIAL,)), present(**KNOWN), StepUp(SUBSTANTIAL)),
    ("any of them will do", wanted(levels=(SUBSTANTIAL, LOW)), present(**KNOWN), Issue(LOW)),
    (
        "the best that can be reached",
        wanted(levels=(HIGH, SUBSTANTIAL)),
        present(**KNOWN),
        StepUp(SUBSTANTIAL),
    ),
    (
        "the order counts",
        wanted(levels=(SUBSTANTIAL, HIGH)),
        present(session_level=LOW, identity_level=HIGH, can_reach=HIGH),
        StepUp(SUBSTANTIAL),
    ),
    (
        "nobody is led to what cannot be reached here",
        wanted(levels=(HIGH, SUBSTANTIAL)),
        present(session_level=LOW, identity_level=HIGH, can_reach=HIGH),
        StepUp(SUBSTANTIAL),
    ),
    (
        "a level that would not be published anyway",
        wanted(levels=(SUBSTANTIAL,)),
        present(can_reach=SUBSTANTIAL),
        Issue(LOW),
    ),
    (
        "a level without a second factor",
        wanted(levels=(SUBSTANTIAL,)),
        present(identity_level=HIGH),
        Issue(LOW),
    ),
    ("a voluntary level, silently", wanted("none", levels=(SUBSTANTIAL,)), present(**KNOWN), Issue(LOW)),
    (
        "a level that must be",
        wanted(levels=(SUBSTANTIAL,), is_essential=True),
        present(**KNOWN),
        StepUp(SUBSTANTIAL),
    ),
    (
        "a level that must be, silently",
        wanted("none", levels=(SUBSTANTIAL,), is_essential=True),
        present(**KNOWN),
        Refuse(Error.INTERACTION_REQUIRED),
    ),
    (
        "a level that must be and cannot",
        wanted(levels=(HIGH,), is_essential=True),
        present(**SURE),
        Refuse(Error.UNMET),
    ),
    (
        "a level that must be and cannot, silently",
        wanted("none", levels=(HIGH,), is_essential=True),
        present(**SURE),
        Refuse(Error.UNMET),
    ),
    (
        "a level that must be, of somebody unknown",
        wanted(levels=(SUBSTANTIAL,), is_essential=True),
        present(session_level=SUBSTANTIAL, can_reach=SUBSTANTIAL),
        Refuse(Error.UNMET),
    ),
    ("a level that must be and is", wanted(levels=(LOW,), is_essential=True), present(**SURE), Issue(LOW)),
    ("the least of the website", wanted(minimum=SUBSTANTIAL), present(**KNOWN), StepUp(SUBSTANTIAL)),
    (
        "the least of the website, silently",
        wanted("none", minimum=SUBSTANTIAL),
        present(**KNOWN),
        Refuse(Error.INTERACTION_REQUIRED),
    ),
    ("the least is there", wanted(minimum=SUBSTANTIAL), present(**SURE), Issue(SUBSTANTIAL)),
    (
        "an identity that must be known",
        wanted(minimum=SUBSTANTIAL),
        present(session_level=SUBSTANTIAL),
        VerifyIdentity(SUBSTANTIAL),
    ),
    (
        "an identity that must be known, silently",
        wanted("none", minimum=SUBSTANTIAL),
        present(session_level=SUBSTANTIAL),
        Refuse(Error.INTERACTION_REQUIRED),
    ),
    (
        "the least and something above it",
        wanted(minimum=SUBSTANTIAL, levels=(HIGH,)),
        present(**SURE),
        Issue(SUBSTANTIAL),
    ),
    ("a least that nobody reaches here", wanted(minimum=HIGH), present(**SURE), Refuse(Error.UNMET)),
    ("a least that nobody reaches here, nobody there", wanted(minimum=HIGH), None, Refuse(Error.UNMET)),
    (
        "a level that must be and nobody reaches here",
        wanted(levels=(HIGH,), is_essential=True),
        present(session_level=HIGH, identity_level=HIGH, can_reach=HIGH),
        Refuse(Error.UNMET),
    ),
    (
        "more than is published here",
        wanted(),
        present(session_level=HIGH, identity_level=HIGH, can_reach=HIGH),
        Issue(SUBSTANTIAL),
    ),
    ("low needs no document", wanted(minimum=LOW, levels=(LOW,), is_essential=True), present(), Issue(LOW)),
    ("signed in before sure enough", wanted("login", minimum=SUBSTANTIAL), present(**KNOWN), ProveAgain()),
    (
        "sure enough before consent",
        wanted(minimum=SUBSTANTIAL),
        present(**KNOWN | {"has_consented": False}),
        StepUp(SUBSTANTIAL),
    ),
]
TABLE = WHO + CONSENT + LEVELS


@pytest.mark.parametrize(
    ("asked", "there", "decision"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_what_happens_next(asked: Wanted, there: Present | None, decision: Decision) -> None:
    assert decide(asked, there, at=NOW) == decision


def test_silently_nothing_is_ever_shown() -> None:
    for _name, asked, there, _decision in TABLE:
        silent = replace(asked, prompts=frozenset({"none"}))
        assert isinstance(decide(silent, there, at=NOW), Issue | Refuse)


def test_whatever_is_asked_for_ends_when_the_person_does_what_they_are_asked() -> None:
    """No loops: each step is taken at most once."""
    for _name, asked, _there, _decision in TABLE:
        if not asked.is_silent:
            assert _steps(asked) < 6


def _steps(asked: Wanted) -> int:
    there = present(
        session_level=LOW, identity_level=HIGH, can_reach=HIGH, has_consented=False, is_meant=False
    )
    for number in range(6):
        decision = decide(asked, there, at=NOW)
        if isinstance(decision, Issue | Refuse):
            return number
        there = replace(there, **_done(decision))
    return 6


def _done(decision: Decision) -> dict[str, Any]:
    """What is different once the person has done it."""
    proved = {"has_proved": True, "authenticated_at": NOW}
    match decision:
        case OtherAccount():
            return {"is_meant": True, **proved}
        case ChooseAccount():
            return {"has_chosen": True}
        case StepUp(level):
            return {"session_level": level, **proved}
        case AskConsent():
            return {"has_consented": True, "has_just_consented": True}
    return proved


@pytest.mark.parametrize(
    ("attained", "asked", "found"),
    [
        (LOW, [], LOW),
        (HIGH, [], HIGH),
        (SUBSTANTIAL, [LOW, HIGH], LOW),
        (SUBSTANTIAL, [HIGH, SUBSTANTIAL, LOW], SUBSTANTIAL),
        (HIGH, [LOW, SUBSTANTIAL], SUBSTANTIAL),
        (LOW, [HIGH, SUBSTANTIAL], LOW),
    ],
)
def test_a_website_is_told_a_level_it_asked_for_where_one_is_covered(
    attained: AssuranceLevel, asked: list[AssuranceLevel], found: AssuranceLevel
) -> None:
    assert published(attained, asked) == found
