"""Websites ask whether a token is good (RFC 7662)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import keys
from servicekonto.oidc.client_models import ClientKind
from tests.builders.oidc import ISSUER, Website, claims_in, create_website, offline_tokens, tokens_for
from tests.support.client import PageClient

INACTIVE = {"active": False}


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def portal() -> Website:
    return create_website(offline_access=True)


@pytest.fixture
def tokens(client: PageClient, portal: Website, erika: Account) -> dict[str, Any]:
    return offline_tokens(client, portal)


def test_an_access_token_is_described_to_its_own_website(
    client: PageClient, portal: Website, tokens: dict[str, Any]
) -> None:
    answer = portal.introspect(client, tokens["access_token"])

    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.get_json()
    assert found.pop("exp") - found.pop("iat") == 300
    assert found == {
        "active": True,
        "scope": "email offline_access openid",
        "client_id": portal.client.client_id,
        "sub": claims_in(tokens["id_token"], keys.public_jwks())["sub"],
        "iss": ISSUER,
        "token_type": "Bearer",
    }


@pytest.mark.parametrize("hint", [None, "access_token", "saml_assertion"])
def test_a_refresh_token_is_described_too_whatever_the_hint_says(
    client: PageClient, portal: Website, tokens: dict[str, Any], hint: str | None
) -> None:
    found = portal.introspect(client, tokens["refresh_token"], token_type_hint=hint).get_json()

    assert found["active"] is True and "token_type" not in found
    assert found["exp"] > clock.now().timestamp() + 29 * 86400


def test_the_smaller_scope_is_told(client: PageClient, portal: Website, tokens: dict[str, Any]) -> None:
    narrow = portal.refresh(client, tokens["refresh_token"], scope="email").get_json()

    assert portal.introspect(client, narrow["access_token"]).get_json()["scope"] == "email"


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 43 + "." + "b" * 43, "ü\x00"])
def test_what_is_no_token_is_inactive_and_nothing_else(
    client: PageClient, portal: Website, token: str
) -> None:
    assert portal.introspect(client, token).get_json() == INACTIVE


def test_old_ended_and_locked_is_inactive_and_nothing_else(
    client: PageClient, portal: Website, erika: Account, tokens: dict[str, Any]
) -> None:
    newer = portal.refresh(client, tokens["refresh_token"]).get_json()

    assert portal.introspect(client, tokens["refresh_token"]).get_json() == INACTIVE
    with time_machine.travel(clock.now() + timedelta(seconds=301)):
        assert portal.introspect(client, tokens["access_token"]).get_json() == INACTIVE
    with unit_of_work():
        erika.locked_at = clock.now()
    assert portal.introspect(client, newer["access_token"]).get_json() == INACTIVE
    with unit_of_work():
        erika.locked_at = None
    portal.revoke(client, newer["refresh_token"])
    assert portal.introspect(client, newer["access_token"]).get_json() == INACTIVE


def test_asking_about_an_old_refresh_token_ends_nothing(
    client: PageClient, portal: Website, tokens: dict[str, Any]
) -> None:
    newer = portal.refresh(client, tokens["refresh_token"]).get_json()

    portal.introspect(client, tokens["refresh_token"])

    assert portal.refresh(client, newer["refresh_token"]).status_code == 200


def test_the_tokens_of_others_are_inactive_to_a_website(client: PageClient, tokens: dict[str, Any]) -> None:
    other = create_website()

    assert other.introspect(client, tokens["access_token"]).get_json() == INACTIVE
    assert other.introspect(client, tokens["refresh_token"]).get_json() == INACTIVE


def test_a_server_that_others_bring_their_tokens_to_learns_about_access_tokens_alone(
    client: PageClient, portal: Website, tokens: dict[str, Any]
) -> None:
    server = create_website(introspects_all=True)

    found = server.introspect(client, tokens["access_token"]).get_json()

    assert (found["active"], found["client_id"]) == (True, portal.client.client_id)
    assert found["sub"] == claims_in(tokens["id_token"], keys.public_jwks())["sub"]  # of the same sector
    assert server.introspect(client, tokens["refresh_token"]).get_json() == INACTIVE


def test_a_server_of_another_sector_knows_the_person_by_another_name(
    client: PageClient, erika: Account, tokens: dict[str, Any]
) -> None:
    uri = "https://other.example/callback"
    server = create_website(introspects_all=True, redirect_uris=[uri])

    found = server.introspect(client, tokens["access_token"]).get_json()

    page = server.send(client, redirect_uri=uri)
    location = client.checked(page, 200).form(page.request.path).submit(client, button="Zustimmen").location
    code = location.partition("code=")[2].partition("&")[0]
    own = server.exchange(client, code, redirect_uri=uri).get_json()["id_token"]
    assert found["sub"] == claims_in(own, keys.public_jwks())["sub"]
    assert found["sub"] != claims_in(tokens["id_token"], keys.public_jwks())["sub"]


def test_who_proves_nothing_learns_nothing(
    client: PageClient, portal: Website, tokens: dict[str, Any]
) -> None:
    wrong = portal.introspect(client, tokens["access_token"], client_secret="falsch")
    without = portal.introspect(client, tokens["access_token"], client_secret=None)

    assert [answer.status_code for answer in (wrong, without)] == [401, 401]
    assert wrong.get_json()["error"] == without.get_json()["error"] == "invalid_client"


def test_an_app_that_cannot_prove_anything_learns_nothing(client: PageClient, erika: Account) -> None:
    app = create_website(kind=ClientKind.PUBLIC)

    answer = app.introspect(client, tokens_for(client, app)["access_token"])

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_without_a_token_the_request_is_invalid(client: PageClient, portal: Website) -> None:
    assert portal.introspect(client, "").get_json()["error"] == "invalid_request"
