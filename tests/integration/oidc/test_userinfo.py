"""What a website may know about its visitor."""

from datetime import timedelta

import pytest
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from tests.builders.oidc import (
    Website,
    agree,
    came_back,
    code_for,
    userinfo,
)
from tests.support.client import PageClient


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def test_what_was_left_out_stays_out_and_is_not_asked_again(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = website.send(client, scope="openid email profile")
    agree(client, page, "email")

    back = came_back(website.send(client, scope="openid email profile"))

    token = website.exchange(client, back["code"]).get_json()["access_token"]
    known = userinfo(client, token).get_json()
    assert known["email"] == "erika@example.org" and "name" not in known


def test_an_access_token_lasts_five_minutes(client: PageClient, website: Website, erika: Account) -> None:
    token = website.exchange(client, code_for(client, website)).get_json()["access_token"]

    with time_machine.travel(clock.now() + timedelta(seconds=301)):
        answer = userinfo(client, token)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_userinfo_takes_the_token_in_the_body_too_and_nothing_without(
    client: PageClient, website: Website, erika: Account
) -> None:
    token = website.exchange(client, code_for(client, website)).get_json()["access_token"]

    assert client.client.post("/oidc/userinfo", data={"access_token": token}).status_code == 200
    nothing = client.client.get("/oidc/userinfo")
    assert nothing.status_code == 401 and "error" not in nothing.headers["WWW-Authenticate"]
