"""The ids and names on the pages of the provider: whoever automates a browser relies on them."""

import json
from typing import Any

import pytest
from bs4 import Tag
from werkzeug.test import TestResponse

from servicekonto.accounts.models import Account
from tests.builders.oidc import Website
from tests.support.client import PageClient
from tests.support.page import Page, attribute

Control = tuple[str, str]
_CONTROLS = "input, button, select, textarea"
_FORM_TOKEN = ("", "csrf_token")
_BOX, _FACT = ("scope-email", "scopes"), ("claim-birthdate", "claims")


def controls(answer: TestResponse, form: str) -> set[Control]:
    """Id and name of each field and button of the forms that go there."""
    assert answer.status_code == 200, answer.text
    forms = Page(answer).select(f'main form[action$="{form}"]')
    assert forms, answer.text
    return {_named(control) for tag in forms for control in tag.select(_CONTROLS)}


def _named(control: Tag) -> Control:
    return attribute(control, "id"), attribute(control, "name")


def test_of_the_page_to_sign_in(client: PageClient, database: None) -> None:
    assert controls(client.client.get("/anmelden"), "/anmelden") == {
        _FORM_TOKEN,
        ("email", "email"),
        ("password", "password"),
        ("code", "code"),
        ("anmelden", ""),
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {("zustimmen", "action")}),
        (
            {"scope": "openid email"},
            {_BOX, ("allem-zustimmen", "action"), ("angekreuztem-zustimmen", "action")},
        ),
        (
            {"claims": json.dumps({"userinfo": {"birthdate": None}})},
            {_FACT, ("allem-zustimmen", "action"), ("angekreuztem-zustimmen", "action")},
        ),
    ],
    ids=["nothing to choose", "a scope", "a single claim"],
)
def test_of_the_page_that_asks_for_consent(
    client: PageClient, website: Website, erika: Account, asked: dict[str, Any], expected: set[Control]
) -> None:
    page = website.send(client, **asked)

    assert controls(page, page.request.path) == {
        _FORM_TOKEN,
        ("", "question"),
        ("abbrechen", "action"),
        *expected,
    }


def test_of_the_page_to_choose_an_account(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    page = website.send(client, prompt="select_account")

    assert controls(page, page.request.path) == {
        _FORM_TOKEN,
        ("", "action"),
        ("weiter", ""),
        ("anderes-konto", ""),
        ("zurueck", ""),
    }


def test_of_the_question_whether_to_sign_out(client: PageClient, website: Website, erika: Account) -> None:
    address = client.client.get("/oidc/end_session").location
    page = client.client.get(address)

    assert controls(page, "/oidc/abmelden") == {_FORM_TOKEN, ("", "vorgang"), ("jetzt-abmelden", "")}
