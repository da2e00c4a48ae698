"""The website of examples/relying_party signs people in through Servicekonto."""

import re
import time
from collections.abc import Callable, Iterator

import pytest

from tests.browser.conftest import SignIn, Visit
from tests.browser.visitor import Visitor
from tests.support.browser import axe, html_validate, scrolls_sideways
from tests.support.example_site import running_example
from tests.support.server import Server

Label = Callable[[str], str]
TOLD_SECONDS = 60  # by the worker, on a busy machine
LOW, SUBSTANTIAL = "http://eidas.europa.eu/LoA/low", "http://eidas.europa.eu/LoA/substantial"


@pytest.fixture(scope="module")
def site(server: Server) -> Iterator[str]:
    """The address of the example."""
    with running_example(server) as base_url:
        yield base_url


@pytest.fixture
def label(server: Server) -> Label:
    """What the one-click button of a citizen says. Each test has a citizen of its own: consents are kept."""
    people = {person["name"]: person["label"] for person in server.people["citizens"]}
    return people.__getitem__


def begin(visitor: Visitor, site: str, label: str) -> None:
    """From the example to the question of Servicekonto what the website may know."""
    visitor.open(site)
    visitor.press("Mit dem Servicekonto anmelden")
    visitor.page.locator("main").get_by_role("button", name=label).click()
    visitor.page.wait_for_url("**/oidc/vorgang/*")


def agree(visitor: Visitor, *, without: str | None = None) -> None:
    """To everything, or to all but what begins with this."""
    main = visitor.page.locator("main")
    for box in main.get_by_role("checkbox").all():
        label = main.locator(f"label[for='{box.get_attribute('id')}']").inner_text()
        box.set_checked(without is None or not label.startswith(without))
    main.locator("button[name=action][value=agree], button[name=action][value=all]").last.click()
    visitor.page.wait_for_load_state("domcontentloaded")


def is_at(visitor: Visitor, site: str, path: str) -> bool:
    visitor.page.wait_for_load_state("domcontentloaded")
    return visitor.page.url == f"{site}{path}"


@pytest.mark.parametrize(
    ("java_script", "name"), [(False, "Jonas Beispiel"), (True, "Aylin Mustergül")],
    ids=["without scripts", "with scripts"],
)  # fmt: skip
def test_a_visitor_signs_in_sees_what_was_released_and_signs_out(
    visit: Visit, site: str, label: Label, java_script: bool, name: str
) -> None:
    visitor = visit(java_script=java_script, width=390)

    begin(visitor, site, label(name))
    agree(visitor, without="Anschrift")

    assert is_at(visitor, site, "/angaben")
    assert name in visitor.text and "@example.org" in visitor.text
    assert "Anschrift" not in visitor.text
    assert LOW in visitor.text

    visitor.page.get_by_role("button", name="Abmelden").click()
    leave_servicekonto(visitor)
    assert is_at(visitor, site, "/abgemeldet")
    assert visitor.open(f"{site}/angaben").path == "/"


def test_whoever_signs_out_at_servicekonto_is_signed_out_at_the_website(
    visit: Visit, site: str, sign_in_somebody_new: SignIn
) -> None:
    visitor = visit()
    sign_in_somebody_new(visitor)
    visitor.open(site)
    visitor.press("Mit dem Servicekonto anmelden")
    agree(visitor)
    assert is_at(visitor, site, "/angaben")

    visitor.open("/konto")
    visitor.sign_out()

    deadline = time.monotonic() + TOLD_SECONDS
    while visitor.open(f"{site}/angaben").path != "/":
        assert time.monotonic() < deadline, "the website was not told"
        visitor.page.wait_for_timeout(250)


def leave_servicekonto(visitor: Visitor) -> None:
    """Where Servicekonto asks whether to sign out there as well."""
    visitor.page.wait_for_load_state("domcontentloaded")
    question = visitor.page.locator("main").get_by_role("button", name=re.compile("abmelden"))
    if visitor.path != "/abgemeldet" and question.count():
        question.first.click()


def test_an_important_act_asks_for_a_second_factor_and_only_then_goes_on(
    visit: Visit, server: Server, site: str
) -> None:
    visitor = visit()
    samir = next(person for person in server.people["citizens"] if person["email"].startswith("samir."))
    sign_in_without_the_second_factor(visitor, samir)
    visitor.open(site)
    visitor.press("Mit dem Servicekonto anmelden")
    agree(visitor)
    assert LOW in visitor.text

    visitor.follow("Eine Eheschließung anmelden")
    assert visitor.h1 == "Melden Sie sich dafür sicherer an"
    visitor.press("Sicher anmelden")
    assert visitor.h1 == "Bitte bestätigen Sie, dass Sie es sind"
    visitor.press("In der Demonstration: einfach bestätigen")

    assert is_at(visitor, site, "/eheschliessung")
    visitor.press("Jetzt verbindlich anmelden")
    assert visitor.h1 == "Ihre Eheschließung ist angemeldet"
    visitor.follow("Zurück zu Ihren Angaben")
    assert SUBSTANTIAL in visitor.text


def sign_in_without_the_second_factor(visitor: Visitor, person: dict[str, str]) -> None:
    """A recovery code gives access, and no level."""
    visitor.sign_in_with_one_click(person["label"])
    visitor.open("/konto/sicherheit").press("Neue Notfallcodes anlegen")
    codes = visitor.page.locator(".sk-codes li").all_inner_texts()
    visitor.fill("Code", codes[0])
    visitor.press("Code prüfen")
    visitor.sign_out()
    visitor.open("/anmelden")
    visitor.fill("Einmalcode (freiwillig)", codes[1])
    visitor.fill_sign_in(person["email"], person["password"])


def test_whoever_is_not_known_surely_enough_cannot_do_the_important_act(
    visit: Visit, site: str, label: Label
) -> None:
    visitor = visit()
    begin(visitor, site, label("Lotte Niedrig-Muster"))
    agree(visitor)
    visitor.open(f"{site}/eheschliessung")

    visitor.press("Sicher anmelden")

    assert is_at(visitor, site, "/eheschliessung")
    assert visitor.h1 == "Melden Sie sich dafür sicherer an"


def test_whoever_turns_back_is_not_signed_in(visit: Visit, site: str, label: Label) -> None:
    visitor = visit()
    begin(visitor, site, label("Erika Mustermann"))

    visitor.press("Abbrechen")

    assert "Sie haben die Anmeldung abgebrochen" in visitor.text
    assert visitor.open(f"{site}/angaben").path == "/"


@pytest.mark.parametrize(
    ("language", "name"), [("Deutsch", "Nils Beispielhuber"), ("English", "Hanne Hochbeispiel")]
)
def test_every_page_is_accessible(visit: Visit, site: str, label: Label, language: str, name: str) -> None:
    visitor = visit(width=360, dark=language == "English")
    pages = {path: look_at(visitor, site, path) for path in ("/", "/callback", "/eheschliessung")}
    begin(visitor, site, label(name))
    agree(visitor)
    if language == "English":
        visitor.page.get_by_role("button", name=language).click()
        visitor.page.wait_for_load_state("domcontentloaded")
    for path in ("/", "/angaben", "/eheschliessung", "/abgemeldet"):
        pages[f"signed in {path}"] = look_at(visitor, site, path)

    assert visitor.page.locator("html").get_attribute("lang") == ("en" if language == "English" else "de")
    assert html_validate(pages) == []


def look_at(visitor: Visitor, site: str, path: str) -> str:
    """The source of a page that has been looked at."""
    page = visitor.open(f"{site}{path}").page
    assert axe(page) == []
    assert not scrolls_sideways(page)
    return page.content()
