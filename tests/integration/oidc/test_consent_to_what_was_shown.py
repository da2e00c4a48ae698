"""A person agrees to the list on the page, not to what the website may ask for when the button is pressed."""

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients
from servicekonto.oidc.models import Grant, Interaction, WebsiteConsent
from tests.builders.accounts import PASSWORD, create_account
from tests.builders.oidc import Website, came_back, create_website, follow_here, userinfo
from tests.support.client import PageClient
from tests.support.page import Page

CHANGED = "Was die Website erfragt, hat sich eben geändert."
BUTTONS = ["Allem", "Nur Angekreuztem"]


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def website(database: None) -> Website:
    return create_website(scopes=["openid", "email"])


def shown(client: PageClient, website: Website, **changes: Any) -> Page:
    return client.checked(website.send(client, scope="openid profile email", **changes), 200)


def let_ask_for(website: Website, *scopes: str) -> None:
    """The operator does, while the page is open."""
    with unit_of_work():
        clients.change(
            website.client,
            replace(clients.facts_of(website.client), scopes=["openid", *scopes]),
            by=None,
            at=clock.now(),
        )


def assert_asked_anew(client: PageClient, page: Page, **sent: Any) -> Page:
    """Nothing was granted, and the page that follows says why it is there."""
    again = client.checked(follow_here(client, page.form(page.path).submit(client, **sent)), 200)
    assert again.path == page.path
    assert any(CHANGED in message for message in again.texts(".sk-flash"))
    assert db.session.scalars(sa.select(WebsiteConsent)).all() == []
    assert db.session.scalars(sa.select(Grant)).all() == []
    return again


@pytest.mark.parametrize("button", BUTTONS)
def test_a_scope_that_was_added_meanwhile_is_not_agreed_to(
    client: PageClient, website: Website, erika: Account, button: str
) -> None:
    page = shown(client, website)
    assert "Name und Geburtsdatum" not in page.text
    let_ask_for(website, "profile", "email")

    again = assert_asked_anew(client, page, button=button)

    assert "Name und Geburtsdatum" in again.text


def test_after_a_second_look_it_is(client: PageClient, website: Website, erika: Account) -> None:
    page = shown(client, website)
    let_ask_for(website, "profile", "email")
    again = assert_asked_anew(client, page, button="Allem")

    code = came_back(again.form(again.path).submit(client, button="Allem"))["code"]

    token = website.exchange(client, code).get_json()["access_token"]
    assert userinfo(client, token).get_json()["name"]


def test_a_single_claim_that_was_added_meanwhile_is_not_agreed_to(
    client: PageClient, website: Website, erika: Account
) -> None:
    wanted = json.dumps({"userinfo": {"phone_number": {"essential": True}}})
    page = shown(client, website, claims=wanted)
    assert "Telefon" not in page.text
    let_ask_for(website, "email", "phone")

    assert "Telefon" in assert_asked_anew(client, page, button="Allem").text


@pytest.mark.parametrize("button", BUTTONS)
def test_nor_is_one_that_could_be_left_out_and_cannot_any_more(
    client: PageClient, website: Website, erika: Account, button: str
) -> None:
    website = create_website(scopes=["openid", "email", "phone"])
    page = shown(client, website, claims=json.dumps({"userinfo": {"phone_number": None}}))
    with unit_of_work():
        interaction = db.session.scalars(sa.select(Interaction)).one()
        needed = json.dumps({"userinfo": {"phone_number": {"essential": True}}})
        interaction.parameters = interaction.parameters | {"claims": [needed]}

    assert_asked_anew(client, page, button=button)


def test_fewer_than_were_shown_are_shown_again_too(
    client: PageClient, website: Website, erika: Account
) -> None:
    website = create_website(scopes=["openid", "email", "profile"])
    page = shown(client, website)
    let_ask_for(website, "email")

    assert "Name und Geburtsdatum" not in assert_asked_anew(client, page, button="Allem").text


@pytest.mark.parametrize(
    "forged", ["", "openid", "email,openid,profile,", "openid,email,", "ü\0", "x" * 9999]
)
@pytest.mark.parametrize("button", BUTTONS)
def test_a_list_that_is_not_what_is_asked_agrees_to_nothing(
    client: PageClient, website: Website, erika: Account, button: str, forged: str
) -> None:
    assert_asked_anew(client, shown(client, website), fields={"question": forged}, button=button)


@pytest.mark.parametrize("action", ["all", "agree"])
def test_nor_does_a_form_without_any(
    client: PageClient, website: Website, erika: Account, action: str
) -> None:
    page = shown(client, website)
    sent = {"csrf_token": page.form(page.path).values["csrf_token"][0], "action": action, "scopes": ["email"]}

    answer = client.client.post(page.path, data=sent)

    assert CHANGED in client.checked(follow_here(client, answer), 200).response.text
    assert db.session.scalars(sa.select(WebsiteConsent)).all() == []


def test_what_changes_about_the_website_besides_is_no_reason_to_ask_again(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = shown(client, website)
    with unit_of_work():
        website.client.contact_email = "other@example.org"

    assert came_back(page.form(page.path).submit(client, button="Allem"))["code"]


def test_whoever_turns_back_needs_no_second_look(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = shown(client, website)
    let_ask_for(website, "profile", "email")

    assert came_back(page.form(page.path).submit(client, button="Abbrechen"))["error"] == "access_denied"


def test_nobody_agrees_on_a_page_that_was_shown_to_somebody_else(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = shown(client, website)
    create_account(email="jonas@example.org")
    client.get("/anmelden").form("/anmelden").submit(client, email="jonas@example.org", password=PASSWORD)

    assert page.form(page.path).submit(client, button="Allem").status_code == 403

    assert db.session.scalars(sa.select(WebsiteConsent)).all() == []
