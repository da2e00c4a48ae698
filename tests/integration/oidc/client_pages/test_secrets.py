"""Secrets of websites are made, shown once and ended."""

import json
from typing import Any

from servicekonto.accounts.models import Account
from servicekonto.audit import Action
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import clients
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.clients import create_client, public_jwk
from tests.integration.oidc.client_pages.pages import make_secret, page_of
from tests.support.audit_trail import Trail
from tests.support.client import PageClient
from tests.support.page import Page


def shown_secret(page: Page) -> str:
    return page.select_one("#geheimnis").get_text()


def test_a_new_secret_is_shown_once(client: PageClient, operator: Account, trail: Trail) -> None:
    website = create_client()

    page = make_secret(client, website)

    clear = shown_secret(page)
    assert clients.secret_matches(website, clear, clock.now())
    assert "Sie sehen es nur dieses eine Mal." in page.text
    again = client.get(page_of(website))
    assert again.select("#geheimnis") == [] and clear not in str(again.soup)
    assert f"…{clear[-4:]}" in again.text
    assert trail.actions[-1] is Action.CLIENT_SECRET_MADE


def test_a_new_secret_is_shown_on_the_page_of_its_website_only(client: PageClient, operator: Account) -> None:
    website, other = create_client(), create_client()
    client.get(page_of(website)).form("/geheimnis").submit(client)

    assert client.get(page_of(other)).select("#geheimnis") == []
    assert shown_secret(client.get(page_of(website)))


def test_the_cookie_between_making_and_showing_is_of_use_to_nobody_else(
    client: PageClient, operator: Account, app: Any
) -> None:
    website = create_client()
    client.get(page_of(website)).form("/geheimnis").submit(client)
    cookie = client.client.get_cookie("servicekonto-form", domain="localhost")
    assert cookie is not None
    thief = PageClient(app)
    sign_in(thief, create_account(kind=operator.kind))
    thief.client.set_cookie("servicekonto-form", cookie.value, domain="localhost")

    assert thief.get(page_of(website)).select("#geheimnis") == []


def test_a_secret_is_ended(client: PageClient, operator: Account) -> None:
    website = create_client()
    clear = shown_secret(make_secret(client, website))

    page = client.follow(client.get(page_of(website)).form("/beenden").submit(client))

    assert not clients.secret_matches(website, clear, clock.now())
    assert "Beendet am" in page.text


def test_when_there_are_many_secrets_no_further_one_is_offered(client: PageClient, operator: Account) -> None:
    website = create_client()
    with unit_of_work():
        for _number in range(clients.MOST_SECRETS):
            clients.add_secret(website, by=None, at=SOME_DAY)

    page = client.get(page_of(website))

    assert "Beenden Sie erst eines." in page.text
    assert page.select("form[action$='/geheimnis']") == []


def test_secrets_from_before_are_shown_as_of_no_use_when_a_website_signs(
    client: PageClient, operator: Account
) -> None:
    website = create_client()
    make_secret(client, website)
    typed = {
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": json.dumps({"keys": [public_jwk("first")]}),
    }
    page = client.follow(client.get(f"{page_of(website)}/aendern").form("/aendern").submit(client, typed))

    assert "Ihre Geheimnisse gelten nicht mehr" in page.text
    assert "Neues Geheimnis anlegen" not in page.text
