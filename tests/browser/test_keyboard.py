"""Without a mouse."""

import pytest

from tests.browser import birth_certificate
from tests.browser.conftest import Visit
from tests.browser.visitor import PASSWORD, Visitor

MOST_STOPS = 60


@pytest.mark.parametrize("java_script", [False, True], ids=["without scripts", "with scripts"])
def test_the_first_stop_jumps_over_the_navigation(visit: Visit, java_script: bool) -> None:
    visitor = visit(java_script=java_script).open("/leistungen")
    page = visitor.page
    link = page.get_by_role("link", name="Zum Inhalt springen")
    assert not link.evaluate("link => link.getBoundingClientRect().top >= 0")

    page.keyboard.press("Tab")
    assert link.evaluate("link => link === document.activeElement && link.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert focused(visitor, "main a, main input") == "Start"


def test_a_form_is_filled_in_and_sent_with_the_keyboard_alone(visit: Visit) -> None:
    citizen = visit()
    citizen.register("tastatur@example.org")
    write(citizen, "E-Mail-Adresse", "tastatur@example.org")
    write(citizen, "Passwort", PASSWORD)
    citizen.page.keyboard.press("Enter")
    citizen.page.wait_for_url("**/konto")

    draft = birth_certificate.begin(citizen)
    go_to(citizen, "Um meine eigene Geburt")
    citizen.page.keyboard.press("Space")
    citizen.page.keyboard.press("Enter")
    citizen.page.wait_for_url(f"**{draft}/seite/ihre-angaben")
    go_to(citizen, birth_certificate.NEXT)
    citizen.page.keyboard.press("Enter")
    citizen.page.locator("#fehler").wait_for()

    assert citizen.page.evaluate("document.activeElement.id") == "fehler"
    citizen.page.keyboard.press("Tab")
    citizen.page.keyboard.press("Enter")
    assert focused(citizen, "input") == "Vornamen"


def test_the_menu_of_a_small_screen_opens_without_scripts(visit: Visit) -> None:
    visitor = visit(java_script=False, width=360).open("/")
    menu = visitor.page.get_by_role("navigation", name="Hauptnavigation")
    assert not menu.is_visible()

    visitor.page.get_by_role("button", name="Menü", exact=True).press("Enter")
    assert menu.is_visible()
    visitor.page.keyboard.press("Escape")

    assert not menu.is_visible()


def write(visitor: Visitor, label: str, text: str) -> None:
    go_to(visitor, label)
    visitor.page.keyboard.type(text)


def go_to(visitor: Visitor, name: str) -> None:
    """With the tab key, as often as it takes."""
    for _stop in range(MOST_STOPS):
        visitor.page.keyboard.press("Tab")
        if focused(visitor, "*") == name:
            return
    raise AssertionError(f"the tab key never comes to {name!r} on {visitor.path}")


def focused(visitor: Visitor, selector: str) -> str:
    """What the element with the focus is called: the text of its label, or its own."""
    script = """selector => {
      const element = document.activeElement;
      if (!element?.matches(selector)) return "";
      const label = element.labels?.[0] ?? element;
      return label.innerText.trim();
    }"""
    return str(visitor.page.evaluate(script, selector))
