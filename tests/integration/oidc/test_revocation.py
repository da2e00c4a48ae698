"""Websites give tokens back (RFC 7009)."""

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core.db import db
from servicekonto.oidc.client_models import ClientKind
from servicekonto.oidc.models import AccessToken
from tests.builders.oidc import Website, create_website, offline_tokens, userinfo
from tests.support.client import PageClient


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def portal() -> Website:
    return create_website(offline_access=True)


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "saml_assertion", "ü"])
def test_an_access_token_is_given_back_whatever_the_hint_says(
    client: PageClient, portal: Website, erika: Account, hint: str | None
) -> None:
    tokens = offline_tokens(client, portal)

    answer = portal.revoke(client, tokens["access_token"], token_type_hint=hint)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert userinfo(client, tokens["access_token"]).status_code == 401
    assert db.session.scalars(sa.select(AccessToken)).all() == []
    assert portal.refresh(client, tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "saml_assertion"])
def test_a_refresh_token_takes_everything_along_that_came_of_its_grant(
    client: PageClient, portal: Website, erika: Account, hint: str | None
) -> None:
    tokens = offline_tokens(client, portal)

    assert portal.revoke(client, tokens["refresh_token"], token_type_hint=hint).status_code == 200

    assert userinfo(client, tokens["access_token"]).status_code == 401
    assert portal.refresh(client, tokens["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_an_old_refresh_token_is_enough_to_end_the_grant(
    client: PageClient, portal: Website, erika: Account
) -> None:
    old = offline_tokens(client, portal)["refresh_token"]
    new = portal.refresh(client, old).get_json()["refresh_token"]

    assert portal.revoke(client, old).status_code == 200

    assert portal.refresh(client, new).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 43 + "." + "b" * 43, "ü\x00"])
def test_what_is_not_there_is_gone_already(client: PageClient, portal: Website, token: str) -> None:
    assert portal.revoke(client, token).status_code == 200


def test_given_back_twice_is_given_back(client: PageClient, portal: Website, erika: Account) -> None:
    tokens = offline_tokens(client, portal)

    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert [portal.revoke(client, token).status_code for _time in range(2)] == [200, 200]


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_nobody_gives_back_what_is_not_theirs(
    client: PageClient, portal: Website, erika: Account, kind: str
) -> None:
    tokens = offline_tokens(client, portal)

    answer = create_website().revoke(client, tokens[kind])

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")
    assert userinfo(client, tokens["access_token"]).status_code == 200
    assert portal.refresh(client, tokens["refresh_token"]).status_code == 200


def test_an_app_gives_back_its_own_by_its_name(client: PageClient, erika: Account) -> None:
    app = create_website(kind=ClientKind.PUBLIC, offline_access=True)
    tokens = offline_tokens(client, app)

    assert app.revoke(client, tokens["refresh_token"]).status_code == 200

    assert app.refresh(client, tokens["refresh_token"]).status_code == 400


def test_who_proves_nothing_ends_nothing(client: PageClient, portal: Website, erika: Account) -> None:
    token = offline_tokens(client, portal)["access_token"]

    answer = portal.revoke(client, token, client_secret="falsch")

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert userinfo(client, token).status_code == 200


def test_without_a_token_the_request_is_invalid(client: PageClient, portal: Website) -> None:
    answer = portal.revoke(client, "")

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
