"""A clerk with two hundred files: by keys through the list, for those who want it, and all rows at once."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.support.server import Server

SWITCH = "Einzelne Tasten verwenden"


@pytest.fixture
def clerk(visit: Visit, server: Server) -> Visitor:
    return visit().sign_in_as(server.employee("standesamt.kassel")).open("/behoerde/")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent")).strip()


def links(page: Page) -> list[str]:
    return page.locator("main tbody a").all_inner_texts()


def test_single_keys_do_nothing_until_they_are_switched_on(clerk: Visitor) -> None:
    page = clerk.page

    page.keyboard.press("j")
    assert focused(page) not in links(page)

    page.get_by_label(SWITCH).check()
    page.keyboard.press("j")
    assert focused(page) == links(page)[0]
    page.reload()
    page.keyboard.press("j")
    assert focused(page) == links(page)[0], "the choice is kept"


def test_from_row_to_row_into_a_request_and_on_to_the_next(clerk: Visitor) -> None:
    page = clerk.page
    references = links(page)
    page.get_by_label(SWITCH).check()

    for key in ("j", "j", "k", "x"):
        page.keyboard.press(key)
    assert focused(page) in {references[0], ""}
    assert page.locator("main tbody input:checked").count() == 1

    page.locator("main tbody a").first.focus()
    page.keyboard.press("o")
    expect(page.locator("h1")).to_have_text(references[0])
    page.keyboard.press("n")
    expect(page.locator("h1")).to_have_text(references[1])
    page.keyboard.press("p")
    expect(page.locator("h1")).to_have_text(references[0])
    page.keyboard.press("u")
    expect(page.locator("h1")).to_have_text("Eingang")


def test_letters_in_a_field_stay_letters(clerk: Visitor) -> None:
    page = clerk.page
    page.get_by_label(SWITCH).check()

    page.keyboard.press("/")
    page.keyboard.type("jxko")

    assert clerk.value("Aktenzeichen oder genauer Name") == "jxko"
    assert page.locator("main tbody input:checked").count() == 0


def test_all_rows_are_chosen_with_one_click_and_let_go_with_another(clerk: Visitor) -> None:
    rows = len(links(clerk.page))

    clerk.press("Alle auf dieser Seite auswählen")
    assert clerk.page.locator("main tbody input:checked").count() == rows > 2
    clerk.press("Alle auf dieser Seite auswählen")
    assert clerk.page.locator("main tbody input:checked").count() == 0
