"""The page in Leichte Sprache: short sentences, German for everybody, and links to where one can go on."""

import re

import pytest

from tests.builders.accounts import create_account, sign_in
from tests.support.client import PageClient
from tests.support.page import normalise

MOST_WORDS = 12
HARD = re.compile(r"\b(weil|obwohl|damit|wenn|nachdem|dass|würde\w*|könnte\w*)\b|;")


def sentences(client: PageClient) -> list[str]:
    return client.get("/leichte-sprache").texts(".sk-easy > span, main h2")


def test_every_sentence_is_short_and_stands_in_a_line_of_its_own(client: PageClient) -> None:
    found = sentences(client)

    assert len(found) > 40
    assert [text for text in found if len(text.split()) > MOST_WORDS] == []
    assert [text for text in found if len(re.findall(r"[.?!](?:\s|$)", text)) != 1] == []


def test_no_sentence_is_nested(client: PageClient) -> None:
    assert [text for text in sentences(client) if HARD.search(text) or "," in text] == []


def test_long_words_have_a_dot_in_them(client: PageClient) -> None:
    words = {word.strip(".:?") for text in sentences(client) for word in text.split()}

    assert {word for word in words if len(word) > 13 and "·" not in word and "-" not in word} == set()


LEADS_TO = {
    "/leistungen",
    "/registrieren",
    "/anmelden",
    "/zustaendigkeit",
    "/pruefen",
    "/hilfe",
    "/barrierefreiheit",
}


def test_it_leads_on(client: PageClient) -> None:
    links = client.get("/leichte-sprache").select("main .sk-prose a")

    addresses = {str(link["href"]) for link in links}
    assert addresses >= LEADS_TO
    assert {client.client.get(path).status_code for path in addresses if path.startswith("/")} == {200}


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_a_button_chooses_plain_german(client: PageClient, is_signed_in: bool) -> None:
    if is_signed_in:
        sign_in(client, create_account(language="de"))
    form = client.get("/leichte-sprache").form(0)

    client.follow(form.submit(client, button="Einfache Sprache"))

    marked = client.get("/hilfe").select(".sk-languages [aria-current]")
    assert [button["value"] for button in marked] == ["plain"]


def test_it_is_german_for_readers_of_english_who_are_told(client: PageClient) -> None:
    client.client.set_cookie("servicekonto-language", "en", domain="localhost")

    page = client.get("/leichte-sprache")

    assert page.h1 == "Easy German (Leichte Sprache)"
    assert "This page is in easy German." in page.text
    assert page.select_one("main .sk-prose")["lang"] == "de"
    assert "Das Service·konto ist eine Internet·seite." in normalise(page.text)


@pytest.mark.parametrize("path", ["/", "/hilfe"])
def test_it_is_found_from_the_start_and_from_every_footer(client: PageClient, path: str) -> None:
    assert client.get(path).select("a[href='/leichte-sprache']")
