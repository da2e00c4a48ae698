"""What the person sees before a website learns anything, and what they can do about it."""

from typing import Any

import pytest

from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core.db import unit_of_work
from servicekonto.oidc.client_models import SubjectType
from tests.builders.accounts import create_account, sign_in
from tests.builders.oidc import Website, agree, came_back, create_website
from tests.support.client import PageClient
from tests.support.page import Page

VALUES: dict[str, object] = {"given_names": "Jörg", "family_name": "Groß", "birth_date": "1983-08-12"}


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def shown(client: PageClient, website: Website, **changes: Any) -> Page:
    return client.checked(website.send(client, **changes), 200)


def known(client: PageClient, website: Website, code: str) -> dict[str, Any]:
    token = website.exchange(client, code).get_json()["access_token"]
    found = client.client.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})
    return dict(found.get_json())


def test_nothing_is_ticked_beforehand(client: PageClient, website: Website, erika: Account) -> None:
    page = shown(client, website, scope="openid profile email")

    assert page.form(page.path).values["scopes"] == []
    assert page.form(page.path).buttons == ["Allem zustimmen", "Nur Angekreuztem zustimmen", "Abbrechen"]


def test_one_button_agrees_to_everything_that_is_shown(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = shown(client, website, scope="openid profile email")

    code = came_back(page.form(page.path).submit(client, button="Allem"))["code"]

    assert {"email", "name", "birthdate"} <= known(client, website, code).keys()


def test_the_other_to_what_was_ticked(client: PageClient, website: Website, erika: Account) -> None:
    page = shown(client, website, scope="openid profile email")

    answer = page.form(page.path).submit(client, {"scopes": ["email"]}, button="Nur Angekreuztem")

    found = known(client, website, came_back(answer)["code"])
    assert "email" in found and "name" not in found


def test_what_was_allowed_before_is_ticked_when_the_website_asks_again(
    client: PageClient, website: Website, erika: Account
) -> None:
    agree(client, website.send(client, scope="openid profile email"), "email")

    page = shown(client, website, scope="openid profile email", prompt="consent")

    assert page.form(page.path).values["scopes"] == ["email"]


def test_what_was_not_asked_for_cannot_be_given(client: PageClient, website: Website, erika: Account) -> None:
    page = shown(client, website, scope="openid email")
    values = page.form(page.path).values
    forged = {
        "csrf_token": values["csrf_token"][0],
        "question": values["question"][0],
        "action": "agree",
        "scopes": ["email", "profile", "address"],
        "claims": ["name"],
    }

    answer = client.client.post(page.path, data=forged)

    assert known(client, website, came_back(answer)["code"]).keys() == {"sub", "email", "email_verified"}


def test_with_nothing_to_decide_there_is_one_button(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = shown(client, website)

    assert page.form(page.path).buttons == ["Zustimmen und weiter", "Abbrechen"]


@pytest.mark.parametrize(
    ("subject_type", "sentence"),
    [
        (SubjectType.PAIRWISE, "Eine Kennung, an der nur Websites von website.example Sie wiedererkennen"),
        (SubjectType.PUBLIC, "Eine Kennung, an der auch andere Websites Sie wiedererkennen"),
    ],
)
def test_the_page_says_who_can_recognise_the_person(
    client: PageClient, erika: Account, subject_type: SubjectType, sentence: str
) -> None:
    website = create_website(subject_type=subject_type)

    assert sentence in shown(client, website).text
    agree(client, website.send(client))
    assert sentence in client.get("/konto/websites").text


def test_the_page_says_the_level_and_what_it_means(client: PageClient, website: Website) -> None:
    account = create_account(values=VALUES)
    sign_in(client, account)
    assert (
        "Vertrauensniveau niedrig: Die Website kann sich nicht darauf verlassen"
        in shown(client, website).text
    )

    with unit_of_work():
        for attribute in account.attributes:
            attribute.level = AssuranceLevel.SUBSTANTIAL
    sign_in(client, account, level=AssuranceLevel.SUBSTANTIAL)
    assert "Vertrauensniveau substanziell: Eine Behörde hat Ihren Namen" in shown(client, website).text


def test_the_page_says_who_is_signed_in_and_may_not_be_framed(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = shown(client, website)

    assert "Sie sind angemeldet als erika@example.org." in page.text
    assert page.response.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.response.headers["Content-Security-Policy"]


def test_consent_without_our_form_is_none(client: PageClient, website: Website, erika: Account) -> None:
    page = shown(client, website)

    answer = client.client.post(page.path, data={"action": "all"})

    assert answer.status_code == 403
    assert came_back(website.send(client, prompt="none"))["error"] == "consent_required"


def test_each_website_is_asked_about_on_its_own(client: PageClient, website: Website, erika: Account) -> None:
    agree(client, website.send(client))

    assert create_website().send(client).status_code == 200


def test_after_the_form_the_browser_is_sent_on_with_get(
    client: PageClient, website: Website, erika: Account
) -> None:
    """303, never 307: what was typed here must not be posted there (RFC 9700 § 4.12)."""
    page = shown(client, website)

    assert page.form(page.path).submit(client, button="Zustimmen").status_code == 303
    assert client.client.post("/oidc/authorize", data=website.parameters()).status_code == 303
    assert client.client.get("/oidc/authorize", query_string=website.parameters()).status_code == 303
