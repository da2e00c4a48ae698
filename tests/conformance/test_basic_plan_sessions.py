"""The modules of the plan *basic* about who has signed in, how recently, and what is never shown."""

import time

from tests.conformance.provider import SIGN_IN
from tests.conformance.tokens import now
from tests.conformance.website import Website

NOBODY_THERE = {
    "login_required", "interaction_required", "account_selection_required", "consent_required",
}  # fmt: skip


def test_oidcc_prompt_login(website: Website) -> None:
    agent = website.provider.stranger()
    first = website.tokens(website.send(agent, max_age="15000"))
    _a_second_passes()

    visit = website.send(agent, prompt="login", max_age="15000")
    second = website.tokens(visit)

    assert SIGN_IN in visit.shown
    assert second.claims["sub"] == first.claims["sub"]
    assert second.claims["auth_time"] > first.claims["auth_time"]


def test_oidcc_prompt_none_not_logged_in(website: Website) -> None:
    visit = website.send(website.provider.stranger(), prompt="none")

    assert visit.error in NOBODY_THERE
    assert not visit.shown


def test_oidcc_prompt_none_logged_in(website: Website) -> None:
    agent = website.somebody()
    first = website.tokens(website.send(agent, max_age="15000"))
    _a_second_passes()

    visit = website.send(agent, prompt="none", max_age="15000")
    second = website.tokens(visit)

    assert not visit.shown
    assert second.claims["sub"] == first.claims["sub"]
    assert second.claims["auth_time"] == first.claims["auth_time"]


def test_oidcc_max_age_1(website: Website) -> None:
    agent = website.provider.stranger()
    first = website.tokens(website.send(agent, max_age="15000"))
    _a_second_passes()
    _a_second_passes()

    visit = website.send(agent, max_age="1")
    second = website.tokens(visit)

    assert SIGN_IN in visit.shown
    assert second.claims["sub"] == first.claims["sub"]
    assert second.claims["auth_time"] > first.claims["auth_time"]
    assert now() - second.claims["auth_time"] < 60


def test_oidcc_max_age_10000(website: Website) -> None:
    agent = website.somebody()
    first = website.tokens(website.send(agent, max_age="15000"))
    _a_second_passes()

    visit = website.send(agent, max_age="10000")
    second = website.tokens(visit)

    assert SIGN_IN not in visit.shown
    assert second.claims["sub"] == first.claims["sub"]
    assert second.claims["auth_time"] == first.claims["auth_time"]


def test_oidcc_id_token_hint(website: Website) -> None:
    agent = website.somebody()
    first = website.tokens(website.send(agent))

    visit = website.send(agent, prompt="none", id_token_hint=first.id_token)
    second = website.tokens(visit)

    assert not visit.shown
    assert second.claims["sub"] == first.claims["sub"]


def _a_second_passes() -> None:
    """``auth_time`` has seconds."""
    time.sleep(1.05)
