"""Reading under conditions: on paper, with wide spacing, with small targets, with colours of one's own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visitor import Visitor
from tests.support.browser import context, scrolls_sideways
from tests.support.server import Server

PATHS = ("/", "/leistungen/geburtsurkunde?ort=Hanau", "/postfach/", "/antraege/", "/konto", "/konto/daten")
# WCAG 2.2, 1.4.12: nothing may be lost when a reader sets this.
SPACING = """
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
    p { margin-bottom: 2em !important }
"""
_ADD = """css => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
}"""
# The heads of tables are laid out beside each other out of sight, for screen readers.
_WIDER = """() => [...document.querySelectorAll("header *, main *, footer *")]
    .filter(e => e.checkVisibility() && !(e instanceof SVGElement) && !e.closest("thead"))
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.slice(0, 100))"""
# Links inside a sentence are exempt (2.5.8).
_SMALL = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")]
    .filter(e => e.checkVisibility() && getComputedStyle(e).display !== "inline")
    .map(e => [e, e.getBoundingClientRect()])
    .filter(([e, box]) => box.width > 1 && (box.width < 24 || box.height < 24))
    .map(([e, box]) => e.outerHTML.slice(0, 100))"""
_INK = """() => [...document.querySelectorAll("main *")]
    .filter(e => e.checkVisibility() && e.innerText)
    .map(e => getComputedStyle(e))
    .filter(s => s.color !== "rgb(0, 0, 0)" || s.backgroundColor !== "rgb(255, 255, 255)")
    .map(s => s.color + " on " + s.backgroundColor)"""


@pytest.fixture(scope="module")
def reader(server: Server, browser: Browser) -> Iterator[Visitor]:
    with context(browser, base_url=server.base_url, width=320) as opened:
        yield Visitor(opened.new_page()).sign_in_as(server.people["citizens"][1])


@pytest.mark.parametrize("path", PATHS)
def test_wide_spacing_on_a_small_screen_loses_nothing(reader: Visitor, path: str) -> None:
    page = reader.open(path).page
    page.evaluate(_ADD, SPACING)

    assert page.evaluate(_WIDER) == []
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("path", PATHS)
def test_targets_are_large_enough(reader: Visitor, path: str) -> None:
    assert reader.open(path).page.evaluate(_SMALL) == []


@pytest.mark.parametrize("path", PATHS)
def test_paper_is_black_on_white_without_navigation(reader: Visitor, path: str) -> None:
    page = reader.open(path).page
    page.emulate_media(media="print", color_scheme="dark")
    try:
        assert page.evaluate(_INK) == []
        assert not any(
            part.is_visible() for part in page.locator(".sk-header, .sk-footer, nav, .kern-btn").all()
        )
    finally:
        page.emulate_media(media="screen", color_scheme="light")


@pytest.mark.parametrize("path", PATHS)
def test_what_has_the_focus_can_be_seen(reader: Visitor, path: str) -> None:
    page = reader.open(path).page
    for _stop in range(25):
        page.keyboard.press("Tab")
        assert focus_is_visible(page), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def focus_is_visible(page: Page) -> bool:
    """With an outline of its own or of what it fills, inside the window and below nothing else."""
    return bool(
        page.evaluate(
            """() => {
                 const focused = document.activeElement;
                 // Inside a date the browser itself marks day, month, year and calendar.
                 if (focused === document.body || focused.type === "date") return true;
                 const style = getComputedStyle(focused), after = getComputedStyle(focused, "::after");
                 const box = focused.getBoundingClientRect();
                 const outlined = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none"
                     || parseFloat(after.outlineWidth) >= 2 && after.outlineStyle !== "none"
                     || style.boxShadow !== "none";
                 return outlined && box.bottom > 0 && box.top < innerHeight;
               }"""
        )
    )
