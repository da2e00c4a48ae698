"""The way back to a website that wants its answer in a form, with a script and without."""

from urllib.parse import parse_qs, urlencode

from playwright.sync_api import Page, Route

from tests.browser.conftest import Visit
from tests.browser.test_pages import EVERY_VIEW, assert_right
from tests.support.server import Server

CALLBACK = "http://localhost:8124/callback"
ASKED = urlencode(
    {
        "client_id": "standesamtsportal-musterstadt",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "response_mode": "form_post",
        "scope": "openid",
        "prompt": "none",
        "state": 'hard "<state>',
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
)


def with_the_website(page: Page) -> list[dict[str, list[str]]]:
    """What it gets."""
    posted: list[dict[str, list[str]]] = []

    def answer(route: Route) -> None:
        posted.append(parse_qs(route.request.post_data or ""))
        route.fulfill(status=200, content_type="text/html; charset=utf-8", body="<h1>Musterstadt</h1>")

    page.route(CALLBACK, answer)
    return posted


def test_it_goes_on_by_itself(server: Server, visit: Visit) -> None:
    page = visit().page
    posted = with_the_website(page)

    page.goto(f"{server.base_url}/oidc/authorize?{ASKED}")
    page.wait_for_url(CALLBACK)

    assert posted == [
        {"error": ["login_required"], "state": ['hard "<state>'], "iss": [server.base_url]},
    ]


def test_without_a_script_there_is_a_button_on_a_page_that_is_right(server: Server, visit: Visit) -> None:
    page = visit().page
    posted = with_the_website(page)
    page.route("**/form_post.js", lambda route: route.abort())
    page.goto(f"{server.base_url}/oidc/authorize?{ASKED}")
    assert_right(page, EVERY_VIEW)

    page.get_by_role("button", name="Weiter").click()
    page.wait_for_url(CALLBACK)

    assert len(posted) == 1
