"""Every page, for everybody who sees it, in both themes, on a telephone and on a desk."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, Response, Route
from werkzeug.routing import Map

from servicekonto.web.application import Servicekonto
from servicekonto.web.errors import PAGES, respond
from tests.browser.conftest import Visit
from tests.browser.looks import LOOKS, NO_PAGE, PUBLIC, Look
from tests.browser.prepared import Prepared, confirm_in_the_demonstration, prepare
from tests.browser.visitor import Visitor
from tests.support.browser import axe, context, html_validate, scrolls_sideways
from tests.support.server import Server

NARROW, WIDE = 320, 1280
THEMES = ("light", "dark")
EVERY_VIEW = tuple((width, theme) for width in (WIDE, NARROW) for theme in THEMES)
BOTH_EXTREMES = ((WIDE, "light"), (NARROW, "dark"))
VISITS = [(who, look) for who, looks in LOOKS.items() for look in looks]

Answers = dict[str, str]


@pytest.fixture(scope="module")
def prepared(server: Server, browser: Browser) -> Iterator[Prepared]:
    with ExitStack() as stack:

        def arrive() -> Visitor:
            return Visitor(stack.enter_context(context(browser, base_url=server.base_url)).new_page())

        yield prepare(server, arrive)


@pytest.fixture(scope="module")
def answers() -> Iterator[Answers]:
    """What the server sends for each page. All that a worker has seen is checked at once at its end: the
    program takes longer to start than to check.
    """
    sent: Answers = {}
    yield sent
    problems = html_validate(sent)
    assert problems == []


def test_no_page_is_forgotten(url_map: Map) -> None:
    readable = {rule.endpoint for rule in url_map.iter_rules() if "GET" in (rule.methods or set())}
    looked_at = {look.endpoint for _who, look in VISITS}

    assert readable - looked_at - set(NO_PAGE) == set(), "add them to looks.py"
    assert (looked_at | set(NO_PAGE)) - readable == set(), "they are gone: remove them from looks.py"
    assert looked_at & set(NO_PAGE) == set()


@pytest.mark.parametrize(("who", "look"), VISITS, ids=[f"{who}: {look}" for who, look in VISITS])
def test_a_page_is_right_for_everybody(who: str, look: Look, prepared: Prepared, answers: Answers) -> None:
    visitor = prepared.visitors[who]
    answer = look_at(visitor, look, prepared.addresses)

    assert answer.status == look.status, visitor.text
    answers[f"{who}: {look}"] = answer.text()
    is_seen_before = look in PUBLIC and who != "signed out"
    assert_right(visitor.page, BOTH_EXTREMES if is_seen_before else EVERY_VIEW)


@pytest.mark.parametrize("status", sorted(PAGES))
def test_an_error_page_is_right(
    status: int, visit: Visit, application: Servicekonto, answers: Answers
) -> None:
    with application.test_request_context("/"):
        body = respond(status).get_data(as_text=True)
    page = visit().page

    def answer(route: Route) -> None:
        route.fulfill(status=status, content_type="text/html; charset=utf-8", body=body)

    page.route("**/fehler", answer)
    page.goto("/fehler")

    answers[f"error {status}"] = body
    assert_right(page, EVERY_VIEW)


def look_at(visitor: Visitor, look: Look, addresses: Mapping[str, str]) -> Response:
    visitor.page.emulate_media(color_scheme="light")
    visitor.page.set_viewport_size({"width": WIDE, "height": 900})
    if look.is_sensitive:
        confirm_in_the_demonstration(visitor)
    answer = visitor.page.goto(look.path.format(**addresses))
    if look.press:
        for label, value in look.fill.items():
            visitor.fill(label, value)
        if look.pdf:
            visitor.attach("PDF-Datei", b"%PDF-1.7 " + look.pdf.format(**addresses).encode())
        answer = after(visitor.page, lambda: visitor.press(look.press or ""))
    assert answer is not None
    return answer


def after(page: Page, act: Callable[[], None]) -> Response | None:
    with page.expect_navigation() as navigation:
        act()
    return navigation.value


def assert_right(page: Page, views: tuple[tuple[int, str], ...]) -> None:
    assert page.locator("h1").count() == 1
    assert page.title().startswith(page.locator("h1").inner_text())
    problems = [
        f"{width} {theme}: {problem}" for width, theme in views for problem in seen(page, width, theme)
    ]
    assert problems == []


def seen(page: Page, width: int, theme: str) -> Iterator[str]:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    yield from axe(page)
    if scrolls_sideways(page):
        yield "scrolls sideways"
