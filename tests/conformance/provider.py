"""An OpenID Provider as a test knows it: an issuer, clients that were registered, and how its pages look."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
import requests
from joserfc.jwk import KeySet
from playwright.sync_api import Page as BrowserPage

from tests.conformance.clients import Client
from tests.conformance.user_agent import SECONDS, Page, Step, UserAgent, origin_of
from tests.support.certificates import Tls

PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""Members of a JWK that nobody publishes (RFC 7518 § 6)."""
SIGN_IN, CONSENT, SIGN_OUT = "sign in", "consent", "sign out"


@dataclass(frozen=True)
class Levels:
    """Values of ``acr``. ``low``: what a password reaches."""

    low: str
    high: str


class Provider(ABC):
    """``name``: as the tests are called for it. ``known_claims``: what there is to know about the person who
    signs in. ``step_up``: parameters that it takes, besides ``acr_values``, until somebody who has signed in
    proves more.
    """

    name: str
    levels: Levels
    known_claims: frozenset[str]
    step_up: Mapping[str, str]

    def __init__(self, issuer: str, tls: Tls, clients: Mapping[str, Client]) -> None:
        self.issuer = issuer
        self.tls = tls
        self._clients = clients
        self._signed_in: UserAgent | None = None

    @abstractmethod
    def page_kind(self, page: Page) -> str | None:
        """SIGN_IN, CONSENT or SIGN_OUT (the question whether somebody wants that), None for all else."""

    @abstractmethod
    def go_on(self, agent: UserAgent, page: Page) -> Step:
        """What somebody does on a page of such a kind who wants what it is for."""

    @abstractmethod
    def deny(self, agent: UserAgent, page: Page) -> Step:
        """Turn back on the page that asks for consent."""

    @abstractmethod
    def go_on_in_browser(self, page: BrowserPage) -> None:
        """The same as ``go_on``, for a page in a real browser."""

    @abstractmethod
    def rotate_keys(self) -> None:
        """Sign with other keys from here on, as whoever runs it would change them."""

    @abstractmethod
    def replace_keys(self, client: Client) -> None:
        """The keys that this one has now count, in place of those it was registered with."""

    @cached_property
    def metadata(self) -> dict[str, Any]:
        answer = self.get(f"{self.issuer}/.well-known/openid-configuration")
        return dict(answer.json())

    def endpoint(self, name: str) -> str:
        """``token`` for ``token_endpoint``. Skips the test where the provider has none."""
        member = f"{name}_endpoint"
        if member not in self.metadata:
            pytest.skip(f"{self.name} publishes no {member}")
        return str(self.metadata[member])

    def needs(self, member: str, *values: str) -> None:
        """Skips the test unless the metadata say that; without values, unless they say yes."""
        found = self.metadata.get(member)
        missing = [value for value in values if value not in (found or [])]
        if missing or not found:
            pytest.skip(f"{self.name} does not publish {member} {' '.join(missing)}".rstrip())

    def client(self, name: str) -> Client:
        if name not in self._clients:
            pytest.skip(f"{self.name} registers no client of the kind {name}")
        return self._clients[name]

    def published_keys(self) -> list[dict[str, Any]]:
        """Fetched anew: they may have changed. Each has a name of its own, and none tells a secret."""
        answer = self.get(str(self.metadata["jwks_uri"]))
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        keys: list[dict[str, Any]] = answer.json()["keys"]
        names = [key["kid"] for key in keys]
        assert all(names) and len(set(names)) == len(names)
        assert {key["kty"] for key in keys} <= {"RSA", "EC", "OKP"}
        assert not any(PRIVATE & set(key) for key in keys)
        return keys

    def key_set(self) -> KeySet:
        return KeySet.import_key_set({"keys": self.published_keys()})

    def stranger(self, *, with_two_factors: bool = False) -> UserAgent:
        """Somebody who has never been there."""
        return UserAgent(origin_of(self.issuer), self.tls.authority, with_two_factors=with_two_factors)

    def somebody(self, sign_in: Callable[[UserAgent], None]) -> UserAgent:
        """Somebody who has signed in, the same session for all who call this."""
        if self._signed_in is None:
            agent = self.stranger()
            sign_in(agent)
            self._signed_in = agent
        return self._signed_in.copy()

    @property
    def has_fapi(self) -> bool:
        return "fapi" in self._clients and "pushed_authorization_request_endpoint" in self.metadata

    def get(self, url: str, **options: Any) -> requests.Response:
        return self.request("GET", url, **options)

    def post(self, url: str, data: Mapping[str, str], **options: Any) -> requests.Response:
        return self.request("POST", url, data=data, **options)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """As a website does: no cookies, no redirects."""
        with requests.Session() as session:
            session.trust_env = False
            session.verify = str(self.tls.authority)
            return session.request(method, url, allow_redirects=False, timeout=SECONDS, **options)
