"""How often the database is asked for what websites ask most. What was promised, and what it is."""

from typing import Any

import pytest

from servicekonto.accounts.models import Account
from servicekonto.oidc.client_models import ClientKind, IdTokenAlg
from tests.builders.oidc import Website, code_for, create_website, offline_tokens, tokens_for, userinfo
from tests.support.client import PageClient


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def portal(client: PageClient, erika: Account) -> Website:
    """Used once, so that the keys of this process are parsed."""
    website = create_website(offline_access=True)
    offline_tokens(client, website)
    return website


@pytest.fixture
def tokens(client: PageClient, portal: Website) -> dict[str, Any]:
    return offline_tokens(client, portal, "openid profile email")


@pytest.mark.parametrize("signed", [None, *IdTokenAlg])
def test_userinfo_asks_once(
    client: PageClient, erika: Account, queries: list[str], signed: IdTokenAlg | None
) -> None:
    website = create_website(userinfo_signed_response_alg=signed)
    token = tokens_for(client, website, "openid profile email address")["access_token"]
    userinfo(client, token)
    queries.clear()

    assert userinfo(client, token).status_code == 200

    assert len(queries) <= 1, queries


def test_a_code_becomes_tokens_in_four_statements(
    client: PageClient, website: Website, erika: Account, queries: list[str]
) -> None:
    tokens_for(client, website)
    code = code_for(client, website)
    queries.clear()

    assert website.exchange(client, code).status_code == 200

    assert len(queries) <= 4, queries  # promised: 6


def test_a_refresh_token_takes_one_more(client: PageClient, portal: Website, queries: list[str]) -> None:
    code = code_for(client, portal, "openid offline_access", prompt="consent")
    queries.clear()

    assert "refresh_token" in portal.exchange(client, code).get_json()

    assert len(queries) <= 5, queries


def test_refreshing_takes_four(
    client: PageClient, portal: Website, tokens: dict[str, Any], queries: list[str]
) -> None:
    queries.clear()

    assert portal.refresh(client, tokens["refresh_token"]).status_code == 200

    assert len(queries) <= 4, queries  # promised: 6


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_introspection_takes_two(
    client: PageClient, portal: Website, tokens: dict[str, Any], queries: list[str], kind: str
) -> None:
    queries.clear()

    assert portal.introspect(client, tokens[kind]).get_json()["active"] is True

    assert len(queries) <= 2, queries


def test_introspection_takes_two_for_a_server_of_the_same_sector(
    client: PageClient, tokens: dict[str, Any], queries: list[str]
) -> None:
    server = create_website(introspects_all=True)
    queries.clear()

    assert server.introspect(client, tokens["access_token"]).get_json()["active"] is True

    assert len(queries) <= 2, queries


def test_introspection_asks_for_the_name_in_another_sector_as_well(
    client: PageClient, tokens: dict[str, Any], queries: list[str]
) -> None:
    server = create_website(introspects_all=True, redirect_uris=["https://other.example/callback"])
    server.introspect(client, tokens["access_token"])
    queries.clear()

    assert server.introspect(client, tokens["access_token"]).get_json()["active"] is True

    assert len(queries) <= 4, queries


def test_the_origin_of_an_app_costs_one_more(client: PageClient, erika: Account, queries: list[str]) -> None:
    app = create_website(kind=ClientKind.PUBLIC)
    token = tokens_for(client, app)["access_token"]
    queries.clear()

    client.client.get(
        "/oidc/userinfo",
        headers={"Authorization": f"Bearer {token}", "Origin": "https://website.example"},
    )

    assert len([query for query in queries if "oidc_" in query]) <= 2, queries
