"""Which language a page is in: the account's, else the browser's cookie, else what the browser asks for."""

import pytest

from servicekonto.accounts.models import Account
from servicekonto.core.db import db
from tests.builders.accounts import create_account, sign_in
from tests.support.client import PageClient
from tests.support.page import Page

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,de;q=0.5"}


def heading_of_help(client: PageClient, headers: dict[str, str] | None = None) -> str:
    return client.get("/hilfe", headers=headers).h1


def switch(page: Page, choice: str) -> dict[str, object]:
    """What a press on the button of the switch sends."""
    form = page.form("/sprache")
    return {"method": form.method, "data" if form.method == "POST" else "query_string": {
        **{name: values[0] for name, values in form.values.items()}, "sprache": choice
    }, "headers": {"Referer": f"http://localhost{page.path}"}}  # fmt: skip


def choose(client: PageClient, choice: str, *, on: str = "/hilfe") -> Page:
    page = client.get(on)
    return client.follow(client.open("/sprache", **switch(page, choice)))


def test_german_is_the_language_of_whoever_says_nothing(client: PageClient) -> None:
    page = client.get("/hilfe")

    assert (page.h1, page.select_one("html")["lang"]) == ("Hilfe", "de")


def test_the_browser_is_asked_first(client: PageClient) -> None:
    page = client.get("/hilfe", headers=ENGLISH)

    assert (page.h1, page.select_one("html")["lang"]) == ("Help", "en")


def test_a_language_that_does_not_exist_here_is_answered_in_german(client: PageClient) -> None:
    assert heading_of_help(client, headers={"Accept-Language": "fr, it;q=0.8"}) == "Hilfe"


def test_the_switch_counts_more_than_the_browser(client: PageClient) -> None:
    choose(client, "de")

    assert heading_of_help(client, headers=ENGLISH) == "Hilfe"


def test_the_account_counts_more_than_the_switch(client: PageClient) -> None:
    choose(client, "de")
    sign_in(client, create_account(language="en"))

    assert heading_of_help(client) == "Help"


def test_an_account_that_has_chosen_nothing_leaves_it_to_the_browser(client: PageClient) -> None:
    sign_in(client, create_account(language=None))

    assert heading_of_help(client, headers=ENGLISH) == "Help"


def test_the_account_remembers_what_its_owner_chooses(client: PageClient) -> None:
    account = create_account(language="de")
    sign_in(client, account)

    page = choose(client, "en")

    assert page.h1 == "Help"
    assert db.session.get_one(Account, account.id, populate_existing=True).language == "en"


@pytest.mark.parametrize("choice", ["de", "en", "plain"])
def test_the_switch_says_which_language_this_is(client: PageClient, choice: str) -> None:
    page = choose(client, choice)

    marked = page.select(".sk-languages [aria-current]")
    assert [button["value"] for button in marked] == [choice]


def test_each_language_is_named_in_its_own_words(client: PageClient) -> None:
    page = client.get("/hilfe", headers=ENGLISH)

    names = {button.get_text(): button["lang"] for button in page.select(".sk-languages button")}
    assert names == {"Deutsch": "de", "English": "en", "Einfache Sprache": "de"}


def test_plain_german_changes_the_texts_of_a_service_and_leaves_the_rest(client: PageClient) -> None:
    choose(client, "plain")

    page = client.get("/leistungen/geburtsurkunde")

    assert page.select_one("html")["lang"] == "de"
    assert "Sie sind 16 Jahre alt oder älter." in page.text
    assert "Voraussetzungen" in page.text


def test_the_switch_leads_back_to_the_page_with_its_question(client: PageClient) -> None:
    address = "http://localhost/leistungen?q=geburt"

    answer = client.client.get("/sprache?sprache=en", headers={"Referer": address})

    assert (answer.status_code, answer.location) == (303, "/leistungen?q=geburt")


@pytest.mark.parametrize(
    "came_from",
    [
        None,
        "http://elsewhere.example/hilfe",
        "http://localhost//elsewhere.example",
        "http://localhost/registrieren/gibt-es-nicht/wirklich",
        "http://localhost/anmelden/demo",  # only takes forms
    ],
)
def test_the_switch_leads_to_the_start_page_when_there_is_no_way_back(
    client: PageClient, came_from: str | None
) -> None:
    headers = {"Referer": came_from} if came_from else {}

    assert client.client.get("/sprache?sprache=en", headers=headers).location == "/"


@pytest.mark.parametrize("choice", ["", "fr", "de-DE", "../en"])
def test_only_the_languages_there_are_can_be_chosen(client: PageClient, choice: str) -> None:
    client.get(f"/sprache?sprache={choice}", status=422)


def test_a_cookie_that_was_changed_by_hand_is_ignored(client: PageClient) -> None:
    client.client.set_cookie("servicekonto-language", "klingon", domain="localhost")

    assert heading_of_help(client, headers=ENGLISH) == "Help"


def test_english_words_find_a_service(client: PageClient) -> None:
    page = client.get("/leistungen?q=birth+certificate", headers=ENGLISH)

    assert page.has_link("Birth certificate")
