"""Websites that sign their visitors out, and a server of theirs that is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from servicekonto.oidc import keys
from tests.builders.oidc import Website, agree, came_back, create_website
from tests.support.client import PageClient
from tests.support.listening import listening

AFTERWARDS = "https://website.example/abgemeldet"
STATE = "s" * 128 + " ~&=+%ü"
ALGORITHMS = ["ES256", "PS256", "RS256"]


@dataclass
class Receiver:
    """``answers``: the status for each request in turn, the last one for all that follow. ``requests``: path,
    headers, body.
    """

    port: int = 0
    answers: list[int] = field(default_factory=lambda: [200])
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    before_answer: Callable[[], object] = lambda: None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}/backchannel?of=us"

    @property
    def tokens(self) -> list[str]:
        return [parse_qs(body.decode())["logout_token"][0] for _path, _headers, body in self.requests]

    def status(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    received = Receiver()

    def answer(request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        received.requests.append((request.path, dict(request.headers), body))
        received.before_answer()
        status = received.status()
        request.send_response(status)
        if status // 100 == 3:
            request.send_header("Location", received.uri)
        request.end_headers()

    with listening(answer, port) as received.port:
        yield received


def create_website_with_logout(**changes: Any) -> Website:
    return create_website(**{"post_logout_redirect_uris": [AFTERWARDS]} | changes)


def id_token_for(client: PageClient, website: Website, **changes: Any) -> str:
    """Of a visitor who has signed in here, and now there."""
    page = website.send(client, **changes)
    if page.status_code == 200:
        page = agree(client, page)
    answer = website.exchange(client, came_back(page)["code"])
    return str(answer.get_json()["id_token"])


def claims_of(token: str) -> dict[str, Any]:
    """Checked against the published keys, as a website does."""
    published = KeySet.import_key_set(keys.public_jwks())  # type: ignore[arg-type]
    return dict(jwt.decode(token, published, algorithms=ALGORITHMS).claims)


def end_session(client: PageClient, *, method: str = "GET", **given: str | None) -> TestResponse:
    """The answer after the redirect on our side. By POST the form is another website's: no cookies come."""
    parameters = {name: value for name, value in given.items() if value is not None}
    if method == "POST":
        answer = PageClient(client.app).client.post("/oidc/end_session", data=parameters)
    else:
        answer = client.client.get("/oidc/end_session", query_string=parameters)
    assert answer.status_code == 303, answer.text
    return client.client.get(answer.location)
