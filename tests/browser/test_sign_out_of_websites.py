"""A person with a browser, a website on another host, and the server of that website which is told."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.browser.conftest import SignIn, Visit
from tests.browser.visitor import Visitor
from tests.builders.logout import STATE, Receiver, receiver
from tests.builders.oidc import VERIFIER, challenge_of
from tests.support.listening import listening
from tests.support.server import Server

SignInThere = Callable[..., tuple[Visitor, str]]
PATIENCE = 25
EITHER_WAY = pytest.mark.parametrize("java_script", [False, True], ids=["without scripts", "with scripts"])


@dataclass
class Website:
    """Its pages are on 127.0.0.1, ours on localhost: two sites for a browser."""

    server: Server
    told: Receiver
    port: int = 0
    client_id: str = ""
    secret: str = ""
    form: str = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def register(self) -> None:
        printed = self.server.flask(
            *("clients", "register", "--name", "Bibliothek Musterstadt", "--purpose", "Sie leihen Bücher."),
            *("--purpose-en", "You borrow books.", "--contact-email", "bibliothek@example.org"),
            *("--home-page", f"{self.origin}/", "--redirect-uri", f"{self.origin}/callback"),
            *("--post-logout-redirect-uri", f"{self.origin}/ende", "--auth-method", "client_secret_post"),
            *("--backchannel-logout-uri", self.told.uri),
        )
        self.client_id = printed.split("client_id: ")[1].split()[0]
        self.secret = printed.split("client_secret: ")[1].split()[0]

    def sign_in(self, visitor: Visitor) -> str:
        """Returns the ID token."""
        asked = {
            "client_id": self.client_id,
            "redirect_uri": f"{self.origin}/callback",
            "response_type": "code",
            "scope": "openid",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        visitor.open(f"/oidc/authorize?{urlencode(asked)}")
        visitor.press("Zustimmen und weiter")
        (code,) = parse_qs(urlsplit(visitor.page.url).query)["code"]
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked["redirect_uri"],
            "code_verifier": VERIFIER,
            "client_id": self.client_id,
            "client_secret": self.secret,
        }
        request = Request(f"{self.server.base_url}/oidc/token", urlencode(given).encode())  # noqa: S310
        with urlopen(request, timeout=20) as answer:  # noqa: S310 - our own address
            return str(json.load(answer)["id_token"])

    def sign_out_by_form(self, visitor: Visitor, **given: str) -> None:
        """A page of the website with a form that leads to us."""
        fields = "".join(f'<input name="{name}" value="{value}">' for name, value in given.items())
        self.form = (
            f'<form method="post" action="{self.server.base_url}/oidc/end_session">{fields}'
            "<button>Abmelden</button></form>"
        )
        visitor.open(f"{self.origin}/konto")
        visitor.page.get_by_role("button", name="Abmelden").click()
        visitor.page.wait_for_load_state()

    def sids(self) -> list[str]:
        """Of the sessions that it was told are over."""
        return [claims_in(token)["sid"] for token in self.told.tokens]


def claims_in(token: str) -> dict[str, str]:
    """Not checked: other tests do that."""
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


@contextmanager
def website_for(server: Server) -> Iterator[Website]:
    with receiver() as told:
        website = Website(server, told)

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.send_header("Content-Type", "text/html; charset=utf-8")
            request.end_headers()
            request.wfile.write(f"<!doctype html><title>x</title>{website.form}".encode())

        with listening(answer) as website.port:
            website.register()
            yield website


@pytest.fixture(scope="module")
def website(server: Server) -> Iterator[Website]:
    with website_for(server) as found:
        yield found


@pytest.fixture
def sign_in_there(website: Website, visit: Visit, sign_in_somebody_new: SignIn) -> SignInThere:
    """Opens a browser for somebody new, who signs in here and then there. Returns the ID token too."""

    def open_browser(**options: object) -> tuple[Visitor, str]:
        visitor = visit(**options)
        sign_in_somebody_new(visitor)
        return visitor, website.sign_in(visitor)

    return open_browser


def wait_until_told(website: Website, token: str) -> None:
    """That the session of this ID token is over."""
    sid = claims_in(token)["sid"]
    deadline = time.monotonic() + PATIENCE
    while sid not in website.sids():
        assert time.monotonic() < deadline, "the website was not told"
        time.sleep(0.1)


def is_signed_in(visitor: Visitor) -> bool:
    return visitor.get("/konto").status == 200


@EITHER_WAY
def test_the_website_signs_its_visitor_out_by_a_form_and_is_told_itself(
    website: Website, sign_in_there: SignInThere, java_script: bool
) -> None:
    visitor, token = sign_in_there(java_script=java_script)

    website.sign_out_by_form(
        visitor, id_token_hint=token, post_logout_redirect_uri=f"{website.origin}/ende", state="x y"
    )

    assert visitor.page.url == f"{website.origin}/ende?state=x+y"
    assert not is_signed_in(visitor)
    wait_until_told(website, token)


@EITHER_WAY
def test_without_a_hint_the_person_decides_and_the_form_leads_back_to_the_website(
    website: Website, sign_in_there: SignInThere, java_script: bool
) -> None:
    """Browsers hold the content security policy against the redirect that follows the form."""
    visitor, token = sign_in_there(java_script=java_script)

    website.sign_out_by_form(
        visitor, client_id=website.client_id, post_logout_redirect_uri=f"{website.origin}/ende"
    )
    assert visitor.path == "/oidc/abmelden" and is_signed_in(visitor)
    assert "Bibliothek Musterstadt" in visitor.text
    visitor.press("Jetzt abmelden")

    assert visitor.page.url == f"{website.origin}/ende"
    assert not is_signed_in(visitor)
    wait_until_told(website, token)


def test_signing_out_here_is_told_the_website(website: Website, sign_in_there: SignInThere) -> None:
    visitor, token = sign_in_there()
    visitor.open("/konto").sign_out()

    wait_until_told(website, token)


def test_back_and_once_more_after_signing_out_is_no_error(
    website: Website, sign_in_there: SignInThere
) -> None:
    visitor, token = sign_in_there()
    given = {"id_token_hint": token, "post_logout_redirect_uri": f"{website.origin}/ende", "state": STATE}
    visitor.open(f"/oidc/end_session?{urlencode(given)}")
    assert visitor.path == "/ende"

    visitor.page.go_back()
    visitor.open(f"/oidc/end_session?{urlencode(given)}")

    assert parse_qs(urlsplit(visitor.page.url).query)["state"] == [STATE]
