"""The pages on the way to a website and away from it, for somebody whose browser asks for English."""

import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from tests.browser.conftest import SignIn, Visit
from tests.browser.prepared import ASKED, strict_website
from tests.browser.test_form_post import ASKED as ASKED_AS_A_FORM
from tests.browser.test_pages import BOTH_EXTREMES, assert_right
from tests.browser.visitor import PASSWORD, Visitor
from tests.support.server import Server

ENGLISH = "en-GB"
_SINGLE = json.dumps({"userinfo": {"birthdate": {"essential": True}, "email": None}})
_ANOTHER = json.dumps({"id_token": {"sub": {"value": "somebody else"}}})
PAGES: dict[str, Callable[[Server], str]] = {
    "consent": lambda _server: _asking(),
    "little": lambda _server: _asking(scope="openid"),
    "single facts": lambda _server: _asking(scope="openid", claims=_SINGLE),
    "which account": lambda _server: _asking(prompt="select_account"),
    "another account": lambda _server: _asking(claims=_ANOTHER),
    "proving again": lambda _server: _asking(prompt="login"),
    "identity": lambda server: _asking(client_id=strict_website(server)),
    "wrong request": lambda _server: _asking(client_id="unknown"),
    "sign out": lambda _server: "/oidc/end_session?client_id=standesamtsportal-musterstadt",
    "wrong sign out": lambda _server: "/oidc/end_session?client_id=unknown",
    "connected websites": lambda _server: "/konto/websites",
}


def _asking(**changes: str) -> str:
    return f"/oidc/authorize?{urlencode(ASKED | changes)}"


def assert_english(visitor: Visitor) -> None:
    assert visitor.page.locator("html").get_attribute("lang") == "en"
    assert_right(visitor.page, BOTH_EXTREMES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_right_for_somebody_who_has_signed_in(
    server: Server, visit: Visit, sign_in_somebody_new: SignIn, name: str
) -> None:
    visitor = visit(language=ENGLISH)
    sign_in(visitor, sign_in_somebody_new(visit()))

    visitor.open(PAGES[name](server))

    assert_english(visitor)


def sign_in(visitor: Visitor, email: str) -> None:
    visitor.open("/anmelden")
    visitor.page.fill("#email", email)
    visitor.page.fill("#password", PASSWORD)
    visitor.page.click("#anmelden")
    visitor.page.wait_for_url("**/konto")


@pytest.mark.parametrize("path", [_asking(), "/oidc/abmelden"], ids=["sign in", "signed out"])
def test_a_page_is_right_for_a_stranger(visit: Visit, path: str) -> None:
    visitor = visit(language=ENGLISH)

    visitor.open(path)

    assert_english(visitor)


def test_the_page_that_sends_its_form_by_itself(server: Server, visit: Visit) -> None:
    visitor = visit(language=ENGLISH)
    visitor.page.route("**/form_post.js", lambda route: route.abort())

    visitor.open(f"/oidc/authorize?{ASKED_AS_A_FORM}")

    assert_english(visitor)
