"""Signing out leads to a registered address of the website that asks, or nowhere."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import clients
from tests.builders.accounts import is_signed_in
from tests.builders.logout import AFTERWARDS, STATE, end_session
from tests.builders.oidc import Website
from tests.integration.oidc.end_session.leaving import assert_page, confirm
from tests.support.client import PageClient


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        AFTERWARDS + "?foo=bar",
        AFTERWARDS + "/",
        AFTERWARDS + "#x",
        AFTERWARDS + "/../abgemeldet",
        AFTERWARDS.upper(),
        " " + AFTERWARDS,
        "javascript:alert(1)",
        "//website.example/abgemeldet",
        "/konto",
        "https://website.example/callback",
    ],
)
def test_toy_22_no_address_but_a_registered_one_is_led_to(
    client: PageClient, website: Website, hint: str, address: str
) -> None:
    page = assert_page(
        client, end_session(client, id_token_hint=hint, post_logout_redirect_uri=address, state=STATE), 400
    )
    assert "post_logout_redirect_uri is not registered" in page.text

    assert confirm(client, page).location == "/abmelden"


def test_a_disabled_website_leads_nowhere(client: PageClient, website: Website, hint: str) -> None:
    given = {"id_token_hint": hint, "post_logout_redirect_uri": AFTERWARDS}
    before = client.client.get("/oidc/end_session", query_string=given).location
    with unit_of_work():
        clients.disable(website.client, by=None, at=clock.now())

    assert_page(client, end_session(client, **given), 400)
    assert_page(client, client.client.get(before))


def test_an_address_that_is_no_longer_registered_is_not_led_to(
    client: PageClient, website: Website, hint: str
) -> None:
    given = {"client_id": website.client.client_id, "post_logout_redirect_uri": AFTERWARDS}
    page = assert_page(client, end_session(client, **given))
    with unit_of_work():
        website.client.post_logout_redirect_uris = ["https://website.example/neu"]

    assert confirm(client, page).location == "/abmelden"


def test_a_request_lasts_ten_minutes(client: PageClient, website: Website, hint: str) -> None:
    given = {"id_token_hint": hint, "post_logout_redirect_uri": AFTERWARDS}
    page = client.client.get("/oidc/end_session", query_string=given).location

    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert_page(client, client.client.get(page))
        assert is_signed_in(client)


@pytest.mark.parametrize("vorgang", ["", "x", "ü", "A" * 60, "A" * 4000, "%00"])
def test_what_we_have_not_sealed_is_nobodys_request(client: PageClient, erika: Account, vorgang: str) -> None:
    assert_page(client, client.client.get(f"/oidc/abmelden?{urlencode({'vorgang': vorgang})}"))
    assert is_signed_in(client)


@pytest.mark.parametrize("name", ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"])
def test_a_parameter_that_is_there_twice_leads_nowhere(
    client: PageClient, website: Website, hint: str, name: str
) -> None:
    given = [
        ("id_token_hint", hint),
        ("client_id", website.client.client_id),
        ("post_logout_redirect_uri", AFTERWARDS),
        ("state", "x"),
    ]
    twice = urlencode([*given, *(pair for pair in given if pair[0] == name)])
    answer = client.client.get(f"/oidc/end_session?{twice}")

    page = assert_page(client, client.client.get(answer.location), 400)
    assert "there more than once" in page.text
    assert is_signed_in(client)
