"""What visitors and websites do, the same on each side."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks.oidc.load import Act, Answer, Visitor, basic, repeat
from benchmarks.oidc.sides import REDIRECT_URI, SCOPE, Person, Side, everybody

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
_CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
_MOST_STEPS = 12
_numbers = count()


class MissingError(Exception):
    """This side does not do that (yet)."""


@dataclass
class User:
    """A person at a browser, and what the website has got for them."""

    side: Side
    person: Person
    browser: Visitor
    website: Visitor
    tokens: dict[str, Any] = field(default_factory=dict)
    refresh_token: str | None = None

    def discovery(self) -> Act:
        yield from self._get("/.well-known/openid-configuration")

    def jwks(self) -> Act:
        yield from self._get(self.side.paths["jwks_uri"])

    def sso(self) -> Act:
        """Authorize with the session, then the code for tokens."""
        asked = {"client_id": self.side.client_id, "scope": SCOPE}
        yield from self._redeem(asked["client_id"], (yield from self._to_code(asked)))

    def begin(self) -> Act:
        """With a refresh token, where there are any."""
        asked = self.side.lasting
        yield from self._redeem(asked["client_id"], (yield from self._to_code(asked)))

    def password(self) -> Act:
        """The same in a browser that is known, but without a session, from a new address."""
        for name in self.side.session_cookies:
            self.browser.cookies.pop(name, None)
        self.browser.address = _address()
        yield from self.sso()

    def refresh(self) -> Act:
        if self.refresh_token is None:
            raise MissingError("refresh token")
        fields = {"grant_type": "refresh_token", "refresh_token": self.refresh_token}
        yield from self._ask_for_tokens(self.side.lasting["client_id"], fields)

    def introspection(self) -> Act:
        if "introspection_endpoint" not in self.side.paths:
            raise MissingError("introspection")
        path, secret = self.side.paths["introspection_endpoint"], basic(self.side.client_id, self.side.secret)
        answer = yield self.website.post(path, {"token": self.tokens["access_token"]}, Authorization=secret)
        assert json.loads(answer.body)["active"] is True, answer

    def userinfo(self) -> Act:
        path, bearer = self.side.paths["userinfo_endpoint"], f"Bearer {self.tokens['access_token']}"
        answer = yield self.website.get(path, Authorization=bearer)
        assert json.loads(answer.body)["email"] == self.person.email, answer

    def _get(self, path: str) -> Act:
        answer = yield self.website.get(path)
        assert answer.status == 200, answer

    def _to_code(self, asked: Mapping[str, str]) -> Generator[bytes, Answer, str]:
        parameters = {
            "response_type": "code", "redirect_uri": REDIRECT_URI, "state": "a-state-of-some-length",
            "nonce": "n-0S6_WzA2Mj", "code_challenge": _CHALLENGE, "code_challenge_method": "S256", **asked,
        }  # fmt: skip
        path = self.side.paths["authorization_endpoint"]
        answer = yield self.browser.get(f"{path}?{urlencode(parameters)}")
        for _step in range(_MOST_STEPS):
            self.browser.remember(answer)
            location = answer.header("location")
            if location.startswith(REDIRECT_URI):
                return parse_qs(urlsplit(location).query)["code"][0]
            if location:
                parts = urlsplit(location)
                answer = yield self.browser.get(parts.path + (f"?{parts.query}" if parts.query else ""))
            else:
                answer = yield self.side.fill_in(self.browser, answer, self.person)
        raise RuntimeError(f"{self.side.name}: no way to a code, last {answer}")

    def _redeem(self, client_id: str, code: str) -> Act:
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        yield from self._ask_for_tokens(client_id, {**fields, "code_verifier": VERIFIER})

    def _ask_for_tokens(self, client_id: str, fields: dict[str, str]) -> Act:
        path, secret = self.side.paths["token_endpoint"], basic(client_id, self.side.secret)
        answer = yield self.website.post(path, fields, Authorization=secret)
        assert answer.status == 200, answer
        self.tokens = json.loads(answer.body)
        self.refresh_token = self.tokens.get("refresh_token", self.refresh_token)


def users_of(side: Side) -> list[User]:
    """All of them signed in, with consent and tokens."""
    users = [User(side, person, Visitor(_address()), Visitor(_address())) for person in everybody()]
    act_once(users, User.begin)
    act_once(users, User.sso)
    return users


def act_once(users: list[User], act: Callable[[User], Act]) -> None:
    repeat(users[0].side.port, [lambda user=user: act(user) for user in users], seconds=0)  # type: ignore[misc]


def _address() -> str:
    number = next(_numbers)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
