"""Codes for tokens, at the token endpoint."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import keys
from servicekonto.oidc.client_models import ClientKind
from tests.builders.oidc import (
    Website,
    agree,
    claims_in,
    code_for,
    create_website,
    userinfo,
)
from tests.support.client import PageClient


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "RS256"])
def test_each_website_gets_the_signature_it_is_registered_with(
    client: PageClient, erika: Account, algorithm: str
) -> None:
    website = create_website(id_token_alg=algorithm)

    token = website.exchange(client, code_for(client, website)).get_json()["id_token"]

    assert claims_in(token, keys.public_jwks(), algorithm)["aud"] == website.client.client_id


def test_two_websites_cannot_tell_that_they_know_the_same_person(
    client: PageClient, website: Website, erika: Account
) -> None:
    other = create_website(redirect_uris=["https://other.example/callback"])
    first = website.exchange(client, code_for(client, website)).get_json()["id_token"]
    page = other.send(client, redirect_uri="https://other.example/callback")
    location = agree(client, page).location
    code = location.partition("code=")[2].partition("&")[0]
    second = other.exchange(client, code, redirect_uri="https://other.example/callback").get_json()[
        "id_token"
    ]

    subs = {claims_in(token, keys.public_jwks())["sub"] for token in (first, second)}

    assert len(subs) == 2 and str(erika.id) not in subs


def test_a_code_is_exchanged_once_and_its_replay_ends_everything(
    client: PageClient, website: Website, erika: Account
) -> None:
    code = code_for(client, website)
    token = website.exchange(client, code).get_json()["access_token"]
    assert userinfo(client, token).status_code == 200

    again = website.exchange(client, code)

    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
    assert userinfo(client, token).status_code == 401


def test_a_code_lasts_a_minute(client: PageClient, website: Website, erika: Account) -> None:
    code = code_for(client, website)

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert website.exchange(client, code).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"code_verifier": "x" * 43}, 400, "invalid_grant"),
        ({"code_verifier": None}, 400, "invalid_grant"),
        ({"code_verifier": "kurz"}, 400, "invalid_grant"),
        ({"redirect_uri": "https://website.example/other"}, 400, "invalid_grant"),
        ({"redirect_uri": None}, 400, "invalid_grant"),
        ({"code": "x" * 43}, 400, "invalid_grant"),
        ({"code": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "unsupported_grant_type"),
        ({"client_secret": "falsch"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "unbekannt"}, 400, "invalid_client"),
        ({"client_id": "cödé"}, 400, "invalid_client"),
    ],
)
def test_a_wrong_exchange_gives_nothing(
    client: PageClient, website: Website, erika: Account, changes: dict[str, Any], status: int, error: str
) -> None:
    answer = website.exchange(client, **{"code": code_for(client, website)} | changes)

    assert (answer.status_code, answer.get_json()["error"]) == (status, error)
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_code_of_one_website_is_worth_nothing_to_another(
    client: PageClient, website: Website, erika: Account
) -> None:
    thief = create_website()

    assert thief.exchange(client, code_for(client, website)).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "header",
    ["Basic !!!", "Basic /////w==", "Basic YQ==", "Basic dW5iZWthbm50OmZhbHNjaA==", "Bearer x", "Basic "],
)
def test_any_bytes_as_basic_authentication_are_refused_and_no_error_of_ours(
    client: PageClient, website: Website, header: str
) -> None:
    answer = client.client.post(
        "/oidc/token",
        data={"grant_type": "authorization_code", "code": "x"},
        headers={"Authorization": header},
    )

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_parameters_in_the_address_of_the_token_endpoint_do_not_count(
    client: PageClient, website: Website, erika: Account
) -> None:
    code = code_for(client, website)
    given = {"grant_type": "authorization_code", "code": code, "client_secret": website.secret}

    answer = client.client.post("/oidc/token", query_string=given)

    assert answer.status_code == 400
    assert website.exchange(client, code).status_code == 200


def test_an_account_that_was_locked_gives_nothing_more(
    client: PageClient, website: Website, erika: Account
) -> None:
    code = code_for(client, website)
    with unit_of_work():
        erika.locked_at = clock.now()

    assert website.exchange(client, code).get_json()["error"] == "invalid_grant"


def test_a_public_client_needs_no_secret_and_the_verifier_always(client: PageClient, erika: Account) -> None:
    app = create_website(kind=ClientKind.PUBLIC)
    code = code_for(client, app)

    assert app.exchange(client, code, code_verifier=None).get_json()["error"] == "invalid_grant"
    assert app.exchange(client, code_for(client, app)).status_code == 200


def test_without_a_challenge_a_verifier_is_a_downgrade(client: PageClient, erika: Account) -> None:
    website = create_website(require_pkce=False)
    code = code_for(client, website, code_challenge=None, code_challenge_method=None)

    assert website.exchange(client, code).get_json()["error"] == "invalid_grant"
