"""What naive providers get wrong at the token endpoints; the numbers are in docs/security/oidc-defects.md."""

import base64
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from servicekonto.accounts.models import Account, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.data_protection.commands.deletion import delete_now
from servicekonto.data_protection.models import DeletionCause
from servicekonto.oidc.client_models import AuthMethod
from servicekonto.oidc.models import RefreshToken
from servicekonto.web.application import Servicekonto
from tests.builders.oidc import (
    Website,
    code_for,
    create_website,
    offline_tokens,
    tokens_for,
    userinfo,
)
from tests.support.client import PageClient

PATHS = ("/oidc/token", "/oidc/introspect", "/oidc/revoke")


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def portal() -> Website:
    return create_website(offline_access=True)


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def test_a_code_works_however_old_the_sign_in_is(
    client: PageClient, website: Website, erika: Account
) -> None:
    with unit_of_work():
        db.session.execute(
            sa.update(LoginSession).values(authenticated_at=clock.now() - timedelta(minutes=20))
        )

    assert website.exchange(client, code_for(client, website)).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_nothing_counts_in_the_address(
    client: PageClient, portal: Website, erika: Account, path: str
) -> None:
    tokens = offline_tokens(client, portal)
    given = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    given |= portal.credentials | {"token": tokens["access_token"]}

    answer = PageClient(client.app).client.post(path, query_string=given)

    assert answer.status_code in {400, 401}
    assert "active" not in answer.get_json()
    assert portal.refresh(client, tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["client_id", "client_secret", "grant_type", "scope", "token", "anything"])
def test_a_parameter_that_comes_twice_is_refused(
    client: PageClient, portal: Website, path: str, name: str
) -> None:
    given: dict[str, Any] = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}

    answer = client.client.post(path, data=portal.credentials | given | {name: ["a", "b"]})

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("secret", ["gehéim", "😀", "\x00", "%ff", "%", "a:b:c", " ", "x" * 5000])
def test_a_secret_with_any_characters_is_wrong_and_no_error_of_ours(
    client: PageClient, path: str, secret: str
) -> None:
    by_header = create_website(token_endpoint_auth_method=AuthMethod.BASIC).client.client_id
    by_form = create_website().client.client_id
    data = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}

    for answer in (
        client.client.post(path, data=data, headers=basic(by_header, secret)),
        client.client.post(path, data=data | {"client_id": by_form, "client_secret": secret}),
    ):
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("path", ["/oidc/introspect", "/oidc/revoke"])
@pytest.mark.parametrize("method", [AuthMethod.BASIC, AuthMethod.POST])
def test_each_way_to_prove_oneself_works_at_each_endpoint_and_the_others_do_not(
    client: PageClient, path: str, method: AuthMethod
) -> None:
    website = create_website(token_endpoint_auth_method=method)
    header = basic(website.client.client_id, website.secret)

    by_header = client.client.post(path, data={"token": "x"}, headers=header)
    by_form = website.post(client, path, token="x", **website.credentials)
    by_name = website.post(client, path, token="x", client_id=website.client.client_id)

    right, wrong = (by_header, by_form) if method is AuthMethod.BASIC else (by_form, by_header)
    assert right.status_code == 200
    assert (wrong.status_code, by_name.status_code) == (401, 401)


@pytest.mark.parametrize(
    ("header", "error"),
    [(None, None), ("Bearer", None), ("Bearer x", "invalid_token"), ("Bearer ü", "invalid_token")],
)
def test_the_challenge_names_registered_errors_only(
    client: PageClient, header: str | None, error: str | None
) -> None:
    answer = client.client.get("/oidc/userinfo", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="Servicekonto"')
    assert (f'error="{error}"' in challenge) if error else ("error" not in challenge)


def test_the_order_of_refreshes_does_not_depend_on_the_clock(
    client: PageClient, portal: Website, erika: Account
) -> None:
    with time_machine.travel(clock.now(), tick=False):
        first = offline_tokens(client, portal)["refresh_token"]
        second = portal.refresh(client, first).get_json()["refresh_token"]
        third = portal.refresh(client, second).get_json()["refresh_token"]

        assert portal.refresh(client, first).get_json()["error"] == "invalid_grant"
        assert portal.refresh(client, third).get_json()["error"] == "invalid_grant"


def test_nothing_with_a_token_or_about_one_is_cached(
    client: PageClient, portal: Website, erika: Account
) -> None:
    tokens = offline_tokens(client, portal)
    answers = [
        portal.exchange(client, code_for(client, portal)),
        portal.exchange(client, "falsch"),
        portal.refresh(client, tokens["refresh_token"]),
        userinfo(client, tokens["access_token"]),
        userinfo(client, "falsch"),
        portal.introspect(client, tokens["access_token"]),
        portal.introspect(client, "falsch"),
        portal.revoke(client, tokens["access_token"]),
        client.client.get("/oidc/authorize", query_string=portal.parameters()),
    ]

    assert [answer.headers["Cache-Control"] for answer in answers] == ["no-store"] * len(answers)


def test_a_deleted_account_gives_nothing_more(client: PageClient, portal: Website, erika: Account) -> None:
    tokens = offline_tokens(client, portal)
    code = code_for(client, portal)
    with unit_of_work():
        delete_now(erika, cause=DeletionCause.OWNER, at=clock.now())

    assert portal.refresh(client, tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert portal.exchange(client, code).get_json()["error"] == "invalid_grant"
    assert userinfo(client, tokens["access_token"]).status_code == 401
    assert db.session.scalars(sa.select(RefreshToken)).all() == []


def test_userinfo_of_an_account_without_any_details_says_nothing_but_who_it_is(
    client: PageClient, portal: Website, erika: Account
) -> None:
    tokens = tokens_for(client, portal)

    assert list(userinfo(client, tokens["access_token"]).get_json()) == ["sub"]


def test_no_rule_hangs_on_the_order_of_hooks(app: Servicekonto) -> None:
    """Authlib keeps extensions and hooks in sets: what is a rule here is a method."""
    server = app.extensions["servicekonto.oidc"]

    assert server._extensions == []
    assert all(not extensions for _grant, extensions in server._token_grants)
