"""What a sign-in costs the database where nobody has to be asked anything: one request, few statements."""

import json

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc.models import WebsiteConsent
from tests.builders.accounts import create_account, sign_in
from tests.builders.oidc import Website, agree, came_back, create_website
from tests.support.client import PageClient

MOST = 6


@pytest.fixture
def website(database: None, client: PageClient) -> Website:
    """Somebody is signed in and has agreed before."""
    website = create_website()
    sign_in(client, create_account(email="erika@example.org", values={"family_name": "Muster"}))
    page = website.send(client, scope="openid profile email")
    agree(client, page, "profile", "email")
    return website


def test_with_a_session_and_a_remembered_consent_it_is_one_request(
    client: PageClient, website: Website, queries: list[str]
) -> None:
    queries.clear()
    answer = client.client.get(
        "/oidc/authorize", query_string=website.parameters(scope="openid profile email")
    )

    assert "code" in came_back(answer)
    assert len(queries) <= MOST - 1, queries


def test_when_the_use_is_noted_too_it_is_one_statement_more(
    client: PageClient, website: Website, queries: list[str]
) -> None:
    with unit_of_work():
        db.session.execute(sa.update(WebsiteConsent).values(last_used_at=None))
    queries.clear()

    answer = client.client.get("/oidc/authorize", query_string=website.parameters())

    assert "code" in came_back(answer)
    assert len(queries) <= MOST, queries


def test_with_a_pushed_request_as_well(client: PageClient, website: Website, queries: list[str]) -> None:
    data = website.parameters(client_secret=website.secret)
    request_uri = PageClient(client.app).client.post("/oidc/par", data=data).get_json()["request_uri"]
    queries.clear()

    given = {"client_id": website.client.client_id, "request_uri": request_uri}
    answer = client.client.get("/oidc/authorize", query_string=given)

    assert "code" in came_back(answer)
    assert len(queries) <= MOST + 1, queries


def test_a_silent_refusal_costs_less(client: PageClient, website: Website, queries: list[str]) -> None:
    queries.clear()
    claims = json.dumps({"userinfo": {"phone_number": None}})

    answer = client.client.get(
        "/oidc/authorize", query_string=website.parameters(prompt="none", claims=claims)
    )

    assert came_back(answer)["error"] == "consent_required"
    assert len(queries) <= 3, queries


def test_for_a_stranger_silently_it_is_one(client: PageClient, website: Website, queries: list[str]) -> None:
    stranger = PageClient(client.app)
    queries.clear()

    answer = stranger.client.get("/oidc/authorize", query_string=website.parameters(prompt="none"))

    assert came_back(answer)["error"] == "login_required"
    assert len(queries) <= 1, queries


def test_the_page_of_consent_costs_as_much_however_much_it_shows(
    client: PageClient, website: Website, queries: list[str]
) -> None:
    counts = []
    for scope in ("openid", "openid profile email address phone"):
        begun = client.client.get(
            "/oidc/authorize", query_string=website.parameters(scope=scope, prompt="consent")
        )
        queries.clear()
        client.get(begun.location)
        counts.append(len(queries))

    assert max(counts) <= MOST, counts
