"""The end of a session: a warning in time, one click to stay, and nothing typed is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from servicekonto.accounts.models import LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.web.application import Servicekonto
from tests.browser import birth_certificate
from tests.browser.birth_certificate import NEXT
from tests.browser.conftest import SignIn, Visit
from tests.browser.visitor import Visitor
from tests.support.browser import axe
from tests.support.server import Server

Age = Callable[[timedelta], None]
WARNED = timedelta(minutes=57)
ENDED = timedelta(minutes=61)
FALLEN = timedelta(minutes=31)
NOTE = "Am Telefon: Die Urkunde soll an die neue Anschrift gehen."


@pytest.fixture
def age(application: Servicekonto) -> Age:
    """All sessions were last used so long ago."""

    def let_pass(passed: timedelta) -> None:
        with application.app_context(), unit_of_work():
            db.session.query(LoginSession).update({"last_seen_at": clock.now() - passed})

    return let_pass


@pytest.fixture
def citizen(visit: Visit, sign_in_somebody_new: SignIn) -> Visitor:
    visitor = visit()
    sign_in_somebody_new(visitor)
    return visitor


def sleep(page: Page, passed: timedelta) -> None:
    """The computer was asleep: timers stood still, the clock went on."""
    page.evaluate(
        """passed => {
             const now = Date.now.bind(Date);
             Date.now = () => now() + passed;
             window.dispatchEvent(new Event("focus"));
           }""",
        passed.total_seconds() * 1000,
    )


def test_the_warning_appears_in_time_and_one_click_extends(citizen: Visitor, age: Age) -> None:
    page = citizen.open("/konto").page
    page.get_by_role("link", name="Meine Anträge").first.focus()
    age(WARNED)
    sleep(page, WARNED)
    dialog = page.get_by_role("alertdialog", name="Ihre Sitzung endet bald")
    expect(dialog).to_contain_text("Noch 3 Minuten")
    assert dialog.get_by_role("button").all_inner_texts() == ["Angemeldet bleiben", "Abmelden"]
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    assert axe(page) == []

    dialog.get_by_role("button", name="Angemeldet bleiben").press("Enter")

    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.textContent").strip().startswith("Meine Anträge")
    assert citizen.get("/konto/sitzung").json()["seconds"] > 3500


def test_escape_closes_the_warning_and_the_focus_goes_back(citizen: Visitor, age: Age) -> None:
    page = citizen.open("/leistungen").page
    page.get_by_role("searchbox").or_(page.locator("main input").first).first.focus()
    before = page.evaluate("document.activeElement.id")
    age(WARNED)
    sleep(page, WARNED)
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()

    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == before


def test_a_tab_does_not_warn_while_another_is_in_use(citizen: Visitor) -> None:
    page = citizen.open("/konto").page

    with page.expect_response("**/konto/sitzung") as answer:
        sleep(page, WARNED)

    assert answer.value.json()["seconds"] > 3000
    expect(page.get_by_role("alertdialog")).to_be_hidden()


def test_extending_in_one_tab_closes_the_warning_in_the_other(citizen: Visitor, age: Age) -> None:
    first, second = citizen.open("/konto").page, citizen.page.context.new_page()
    second.goto("/hilfe")
    age(WARNED)
    for page in (first, second):
        sleep(page, WARNED)
        expect(page.get_by_role("alertdialog")).to_be_visible()

    first.get_by_role("button", name="Angemeldet bleiben").click()

    expect(second.get_by_role("alertdialog")).to_be_hidden()


def test_what_cannot_be_extended_is_said(citizen: Visitor, application: Servicekonto) -> None:
    page = citizen.open("/konto").page
    with application.app_context(), unit_of_work():
        begun = clock.now() - timedelta(hours=12) + timedelta(minutes=2)
        db.session.query(LoginSession).update({"authenticated_at": begun})

    sleep(page, WARNED)

    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("Länger geht es nicht")
    expect(dialog.get_by_role("button", name="Angemeldet bleiben")).to_be_hidden()


def test_after_the_end_the_page_says_so_and_leads_back(
    visit: Visit, sign_in_somebody_new: SignIn, age: Age
) -> None:
    citizen = visit()
    email = sign_in_somebody_new(citizen)
    page = citizen.open("/konto/daten").page
    age(ENDED)
    sleep(page, ENDED)
    dialog = page.get_by_role("alertdialog", name="Ihre Sitzung ist beendet")
    expect(dialog).to_be_visible()
    assert axe(page) == []

    dialog.get_by_role("button", name="Neu anmelden").click()
    page.wait_for_url("**/anmelden")
    citizen.fill_sign_in(email)

    assert citizen.path == "/konto/daten"


@pytest.mark.parametrize("java_script", [False, True], ids=["without scripts", "with scripts"])
def test_what_was_typed_survives_the_end_of_the_session(
    visit: Visit, sign_in_somebody_new: SignIn, age: Age, java_script: bool
) -> None:
    citizen = visit(java_script=java_script)
    email = sign_in_somebody_new(citizen)
    draft = birth_certificate.begin(citizen)
    citizen.open(f"{draft}/seite/ihre-angaben")
    age(ENDED)
    birth_certificate.applicant(citizen)
    citizen.press(NEXT)
    assert citizen.path == "/anmelden"

    citizen.fill_sign_in(email)

    assert citizen.path == f"{draft}/seite/ihre-angaben"
    assert "Ihre Eingaben sind noch da" in citizen.text
    assert citizen.value("Vornamen") == "Klara"
    citizen.press(NEXT)
    assert citizen.errors == []
    assert citizen.open(f"{draft}/seite/ihre-angaben").value("Vornamen") == "Klara"


@pytest.mark.parametrize("java_script", [False, True], ids=["without scripts", "with scripts"])
def test_a_note_of_a_clerk_survives_the_fall_to_a_lower_level(
    visit: Visit, server: Server, age: Age, java_script: bool
) -> None:
    clerk = visit(java_script=java_script).sign_in_as(server.employee("standesamt.hanau"))
    clerk.open("/behoerde/")
    clerk.page.locator("main tbody a").first.click()
    address = clerk.path
    clerk.page.get_by_text("Notiz hinzufügen").click()
    clerk.fill("Neue Notiz", NOTE)
    age(FALLEN)
    clerk.press("Notiz speichern")
    assert clerk.path == "/anmelden/bestaetigen"

    clerk.press("In der Demonstration: einfach bestätigen")

    assert clerk.path == address
    assert "Ihre Eingaben sind noch da" in clerk.text
    assert not java_script or axe(clerk.page) == []
    clerk.follow("Zu Ihren Eingaben")
    assert clerk.page.get_by_label("Neue Notiz").is_visible()
    assert clerk.value("Neue Notiz") == NOTE
    clerk.press("Notiz speichern")
    assert "Ihre Notiz ist gespeichert" in clerk.text
