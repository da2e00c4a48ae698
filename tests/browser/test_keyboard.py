"""Without a mouse."""

import pytest

from tests.browser import birth_certificate
from tests.browser.conftest import SignIn, Visit
from tests.browser.keyboard import KeyboardVisitor
from tests.browser.registry_office import Submitted, decide
from tests.browser.visitor import PASSWORD
from tests.support.server import Server


@pytest.mark.parametrize("java_script", [False, True], ids=["without scripts", "with scripts"])
def test_the_first_stop_jumps_over_the_navigation(visit: Visit, java_script: bool) -> None:
    visitor = KeyboardVisitor(visit(java_script=java_script).page)
    page = visitor.open("/leistungen").page
    link = page.get_by_role("link", name="Zum Inhalt springen")
    assert not link.evaluate("link => link.getBoundingClientRect().top >= 0")

    page.keyboard.press("Tab")
    assert link.evaluate("link => link === document.activeElement && link.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert visitor.focused("main a, main input") == "Start"


def test_a_request_is_sent_and_its_decision_read_by_keyboard_alone(server: Server, visit: Visit) -> None:
    citizen = KeyboardVisitor(visit().page)
    citizen.register("tastatur@example.org")
    citizen.fill("E-Mail-Adresse", "tastatur@example.org")
    citizen.fill("Passwort", PASSWORD)
    citizen.press("Anmelden")

    draft = birth_certificate.begin(citizen)
    birth_certificate.fill_in(citizen)
    citizen.press("Antrag jetzt absenden")
    assert citizen.h1 == "Ihr Antrag ist eingegangen"
    reference = citizen.page.locator("dd").first.inner_text()
    decide(
        visit().sign_in_as(server.employee("standesamt.hanau")),
        visit(),
        Submitted(draft.rpartition("/")[2], reference),
    )

    citizen.follow("Zum Antrag")
    citizen.wait_for("Die Entscheidung liegt in Ihrem Postfach.")
    citizen.open("/postfach/")
    citizen.follow("Entscheidung: Geburtsurkunde")
    citizen.go_to("Entscheidung", "main a", is_whole=False)
    with citizen.page.expect_download() as download:
        citizen.page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".pdf")


def test_the_focus_goes_to_the_errors_and_from_there_to_the_field(
    visit: Visit, sign_in_somebody_new: SignIn
) -> None:
    citizen = KeyboardVisitor(visit().page)
    sign_in_somebody_new(citizen)
    draft = birth_certificate.begin(citizen)
    citizen.open(f"{draft}/seite/ihre-angaben")

    citizen.press(birth_certificate.NEXT)
    assert citizen.page.evaluate("document.activeElement.id") == "fehler"
    citizen.page.keyboard.press("Tab")
    citizen.page.keyboard.press("Enter")

    assert citizen.focused("input") == "Vornamen"


def test_the_menu_of_a_small_screen_opens_without_scripts(visit: Visit) -> None:
    visitor = visit(java_script=False, width=360).open("/")
    menu = visitor.page.get_by_role("navigation", name="Hauptnavigation")
    assert not menu.is_visible()

    visitor.page.get_by_role("button", name="Menü", exact=True).press("Enter")
    assert menu.is_visible()
    visitor.page.keyboard.press("Escape")

    assert not menu.is_visible()
