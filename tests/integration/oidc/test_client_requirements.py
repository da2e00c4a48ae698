"""What an operator may set a website to require of each sign-in."""

from dataclasses import replace
from typing import Any

import pytest

from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients
from servicekonto.web.application import Servicekonto
from tests.builders.clients import create_client
from tests.builders.oidc import Website, create_website, offline_tokens, tokens_for, userinfo
from tests.support.client import PageClient


def test_a_website_requires_nothing_more_from_the_start(database: None) -> None:
    website = create_client()

    assert not website.require_pushed_authorization_requests and website.default_max_age is None


def test_the_operator_sets_it_and_takes_it_back(client: PageClient, operator: Account) -> None:
    website = create_client()
    address = f"/betrieb/websites/{website.id}"
    form = client.get(f"{address}/aendern").form("/aendern")

    page = client.follow(
        form.submit(client, require_pushed_authorization_requests=True, default_max_age="3600")
    )

    db.session.refresh(website)
    assert clients.facts_of(website).require_pushed_authorization_requests
    assert website.default_max_age == 3600
    assert "3600" in page.text
    form = client.get(f"{address}/aendern").form("/aendern")
    assert form.values["default_max_age"] == ["3600"]
    client.follow(form.submit(client, require_pushed_authorization_requests=False, default_max_age=""))
    db.session.refresh(website)
    assert not clients.facts_of(website).require_pushed_authorization_requests
    assert website.default_max_age is None


@pytest.mark.parametrize("text", ["-1", "bald", "1.5", "999999999", "9" * 400, "²", "٣"])
def test_an_age_is_a_number_of_seconds(client: PageClient, operator: Account, text: str) -> None:
    website = create_client()
    form = client.get(f"/betrieb/websites/{website.id}/aendern").form("/aendern")

    page = client.checked(form.submit(client, default_max_age=text), 422)

    assert page.errors == {"default_max_age": "Geben Sie eine Zahl von Sekunden ein, höchstens ein Jahr."}


def test_the_command_line_can_do_it_too(app: Servicekonto, database: None) -> None:
    given: dict[str, Any] = {
        "--name": "Portal", "--purpose": "Wozu.", "--purpose-en": "What for.",
        "--contact-email": "portal@example.org", "--home-page": "https://portal.example/",
        "--redirect-uri": "https://portal.example/callback", "--default-max-age": "600",
    }  # fmt: skip
    options = [part for pair in given.items() for part in pair]

    done = app.test_cli_runner().invoke(args=["clients", "register", *options, "--require-par"])

    assert done.exit_code == 0, done.output
    (made,) = clients.all_clients()
    assert made.require_pushed_authorization_requests and made.default_max_age == 600


def test_a_website_that_may_ask_for_less_loses_what_it_was_granted(
    client: PageClient, website: Website, erika: Account
) -> None:
    token = tokens_for(client, website)["access_token"]
    facts = clients.facts_of(website.client)
    with unit_of_work():
        clients.change(website.client, replace(facts, name="Neuer Name"), by=None, at=clock.now())
    assert userinfo(client, token).status_code == 200

    with unit_of_work():
        clients.change(website.client, replace(facts, scopes=["openid"]), by=None, at=clock.now())

    assert userinfo(client, token).status_code == 401


def test_so_does_one_that_needs_surer_sign_ins(client: PageClient, erika: Account) -> None:
    """Else it would go on for up to ninety days with the sign-in it had."""
    portal = create_website(offline_access=True)
    token = offline_tokens(client, portal)["refresh_token"]

    change(portal, min_level=AssuranceLevel.SUBSTANTIAL)

    assert portal.refresh(client, token).get_json()["error"] == "invalid_grant"


def test_one_that_may_not_come_back_any_more_does_not(client: PageClient, erika: Account) -> None:
    portal = create_website(offline_access=True)
    token = offline_tokens(client, portal)["refresh_token"]

    change(portal, offline_access=False)

    assert portal.refresh(client, token).get_json()["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    "more", [{"offline_access": True}, {"min_level": AssuranceLevel.LOW}], ids=["offline", "level"]
)
def test_one_that_may_do_more_keeps_what_it_has(
    client: PageClient, erika: Account, more: dict[str, Any]
) -> None:
    token = tokens_for(client, website := create_website())["access_token"]

    change(website, **more, name="Neuer Name")

    assert userinfo(client, token).status_code == 200


def change(website: Website, **facts: Any) -> None:
    with unit_of_work():
        before = clients.facts_of(website.client)
        clients.change(website.client, replace(before, **facts), by=None, at=clock.now())
