"""How surely a fact is known leaves with it, or the fact does not leave (TR-03160-1 § 6)."""

import json
from typing import Any

import pytest

from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import keys
from tests.builders.accounts import create_account, sign_in
from tests.builders.oidc import (
    VALUES,
    Website,
    came_back,
    claims_in,
    create_website,
    offline_tokens,
    tokens_for,
    userinfo,
)
from tests.support.client import PageClient

LOW, SUBSTANTIAL = (f"http://eidas.europa.eu/LoA/{level}" for level in ("low", "substantial"))
EVERYTHING = "openid profile email address phone"
CHECKED = {"given_names", "family_name"}
NAMES = {"name", "given_name", "family_name"}
ESSENTIAL = {"essential": True}
HELD_BACK = "(noch nicht geprüft, wird nicht übermittelt)"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def partly_checked() -> Account:
    """An authority has seen the names, everything else was typed."""
    account = create_account(email="erika@example.org", values=VALUES | {"phone": "06181 1234"})
    with unit_of_work():
        for attribute in account.attributes:
            if attribute.name in CHECKED:
                attribute.level = AssuranceLevel.SUBSTANTIAL
    return account


@pytest.fixture
def surely(client: PageClient, partly_checked: Account) -> Account:
    """Signed in with two factors."""
    sign_in(client, partly_checked, level=AssuranceLevel.SUBSTANTIAL)
    return partly_checked


@pytest.fixture
def strict() -> Website:
    """Lets in only whom somebody has checked."""
    return create_website(min_level=AssuranceLevel.SUBSTANTIAL, offline_access=True)


def known(client: PageClient, tokens: dict[str, Any]) -> dict[str, Any]:
    return dict(userinfo(client, tokens["access_token"]).get_json())


def in_token(tokens: dict[str, Any]) -> dict[str, Any]:
    return claims_in(tokens["id_token"], keys.public_jwks())


def in_the_id_token(*names: str) -> str:
    return json.dumps({"id_token": dict.fromkeys(names, ESSENTIAL)})


def test_each_fact_says_how_surely_it_is_known(client: PageClient, website: Website, surely: Account) -> None:
    tokens = tokens_for(client, website, EVERYTHING)
    found = known(client, tokens)

    assert in_token(tokens)["acr"] == SUBSTANTIAL
    assert found["claim_levels"] == dict.fromkeys(NAMES, SUBSTANTIAL) | {"birthdate": LOW, "address": LOW}
    assert found["birthdate"] == "1983-08-12"


def test_nothing_is_surer_than_the_sign_in(
    client: PageClient, website: Website, partly_checked: Account
) -> None:
    sign_in(client, partly_checked, level=AssuranceLevel.LOW)
    tokens = tokens_for(client, website, EVERYTHING)

    assert in_token(tokens)["acr"] == LOW
    assert "name" in (found := known(client, tokens)) and "claim_levels" not in found


def test_ways_to_reach_somebody_say_themselves_whether_they_are_confirmed(
    client: PageClient, website: Website, surely: Account
) -> None:
    found = known(client, tokens_for(client, website, EVERYTHING))

    assert (found["email_verified"], found["phone_number_verified"]) == (True, False)
    assert not {"email", "phone_number"} & found["claim_levels"].keys()


def test_a_website_with_a_minimum_gets_no_fact_below_it(
    client: PageClient, strict: Website, surely: Account
) -> None:
    found = known(client, tokens_for(client, strict, EVERYTHING))

    assert not {"birthdate", "address"} & found.keys()
    assert found["claim_levels"] == dict.fromkeys(NAMES, SUBSTANTIAL)
    assert found["email"] == "erika@example.org" and found["phone_number"] == "06181 1234"


def test_a_name_is_as_sure_as_its_less_sure_part(
    client: PageClient, strict: Website, surely: Account
) -> None:
    with unit_of_work():
        for attribute in surely.attributes:
            if attribute.name == "given_names":
                attribute.level = AssuranceLevel.BASIC
    page = client.checked(strict.send(client, scope="openid profile"), 200).text
    assert f"Jörg Ömer {HELD_BACK}, Müßig-Groß (geprüft)" in page

    assert NAMES & known(client, tokens_for(client, strict, "openid profile")).keys() == {"family_name"}


def test_single_facts_in_the_id_token_follow_the_same_rules(
    client: PageClient, website: Website, strict: Website, surely: Account
) -> None:
    asked = in_the_id_token("family_name", "birthdate")

    told = in_token(tokens_for(client, website, claims=asked))
    kept = in_token(tokens_for(client, strict, claims=asked))

    assert told["claim_levels"] == {"family_name": SUBSTANTIAL, "birthdate": LOW}
    assert "birthdate" not in kept and kept["claim_levels"] == {"family_name": SUBSTANTIAL}
    assert "claim_levels" not in in_token(tokens_for(client, website))


def test_refreshing_makes_nothing_surer(client: PageClient, strict: Website, surely: Account) -> None:
    tokens = offline_tokens(client, strict, "openid profile")

    refreshed = strict.refresh(client, tokens["refresh_token"]).get_json()

    assert known(client, refreshed) == known(client, tokens)
    assert "birthdate" not in known(client, refreshed)


def test_what_was_checked_in_the_meantime_leaves(
    client: PageClient, strict: Website, surely: Account
) -> None:
    tokens = tokens_for(client, strict, "openid profile")
    with unit_of_work():
        for attribute in surely.attributes:
            attribute.level = AssuranceLevel.SUBSTANTIAL

    assert known(client, tokens)["birthdate"] == "1983-08-12"


def test_the_page_says_of_each_value_whether_it_is_checked(
    client: PageClient, website: Website, surely: Account
) -> None:
    page = client.checked(website.send(client, scope=EVERYTHING), 200).text

    assert "Jörg Ömer Müßig-Groß (geprüft), 12.08.1983 (Ihre eigene Angabe)" in page
    assert "erika@example.org (bestätigt)" in page
    assert "06181 1234 (Ihre eigene Angabe)" in page
    assert "Hanau, DE (Ihre eigene Angabe)" in page


def test_the_page_says_what_stays_here(client: PageClient, strict: Website, surely: Account) -> None:
    asked = json.dumps({"userinfo": {"birthdate": ESSENTIAL, "email_verified": ESSENTIAL}})
    page = client.checked(strict.send(client, scope="openid address", claims=asked), 200).text

    assert f"12.08.1983 {HELD_BACK}" in page and f"Hanau, DE {HELD_BACK}" in page
    assert "E-Mail-Adresse bestätigt: ja" in page


def test_nobody_is_told_that_everything_was_checked(
    client: PageClient, website: Website, surely: Account
) -> None:
    page = client.checked(website.send(client, scope=EVERYTHING), 200).text

    assert "Eine Behörde hat Ihren Namen in Ihrem Ausweis gesehen" in page
    assert "Die Website erfährt, welche Ihrer Angaben geprüft sind." in page


def test_a_website_that_asks_for_low_is_told_low_of_everything(
    client: PageClient, website: Website, surely: Account
) -> None:
    tokens = tokens_for(client, website, EVERYTHING, acr_values=LOW)

    assert in_token(tokens)["acr"] == LOW and "claim_levels" not in known(client, tokens)
    assert "code" in came_back(website.send(client, scope=EVERYTHING, prompt="none"))
