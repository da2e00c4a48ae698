"""A website with the FAPI 2.0 Security Profile: it pushes its requests, and its tokens are bound to a key."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from tests.conformance.provider import Provider
from tests.conformance.tokens import challenge_of, client_assertion
from tests.conformance.user_agent import Callback, UserAgent
from tests.conformance.website import ASSERTION, Headers, Visit, Website

PAR = "pushed_authorization_request"


@dataclass(frozen=True)
class Pushed:
    website: "FapiWebsite"
    request: dict[str, str]
    verifier: str
    answer: requests.Response

    @property
    def request_uri(self) -> str:
        assert self.answer.status_code == 201, f"{self.answer.status_code} {self.answer.text}"
        return str(self.answer.json()["request_uri"])

    @property
    def lifetime(self) -> int:
        return int(self.answer.json()["expires_in"])

    def send(self, agent: UserAgent, *, deny: bool = False, **changes: str | None) -> Visit:
        """``changes`` to what the browser takes along, which is not more than a reference."""
        sent = {"client_id": self.website.client.client_id, "request_uri": self.request_uri} | changes
        parameters = {name: value for name, value in sent.items() if value is not None}
        step = agent.open(self.website.provider.endpoint("authorization"), parameters)
        return self.website.follow(agent, step, self.request, self.verifier, deny=deny)


class FapiWebsite(Website):
    """Every instance has a DPoP key of its own."""

    def __init__(self, provider: Provider, client: str = "fapi") -> None:
        provider.endpoint(PAR)
        provider.needs("dpop_signing_alg_values_supported", "ES256")
        super().__init__(provider, client)

    def push(
        self,
        *,
        assertion: dict[str, Any] | None = None,
        headers: Headers | None = None,
        changes: Mapping[str, str | None] | None = None,
        **further: str | None,
    ) -> Pushed:
        """``assertion``: changes to the claims with which the client proves who it is."""
        verifier = secrets.token_urlsafe(48)
        pkce = {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
        request = self.parameters(**{**pkce, **(changes or {}), **further})
        proof = self.assertion(**assertion) if assertion else {}
        return Pushed(self, request, verifier, self.ask(PAR, request | proof, headers=headers))

    def assertion(self, *, audience: Any = None, **changes: Any) -> dict[str, str | None]:
        """Form fields; a change to None leaves a claim out."""
        key = changes.pop("key", self.client.key)
        audience = self.provider.issuer if audience is None else audience
        made = client_assertion(self.client.client_id, key, audience, **changes)
        return {"client_assertion_type": ASSERTION, "client_assertion": made}

    def send(
        self, agent: UserAgent, *, pkce: bool = True, deny: bool = False, **changes: str | None
    ) -> Visit:
        assert pkce, "never without"
        return self.push(changes=changes).send(agent, deny=deny)


def assert_not_accepted(visit: Visit) -> None:
    """The request, whose parameters are not to be trusted then: a page, or an error at the website."""
    if isinstance(visit.end, Callback):
        assert visit.end.uri == visit.website.client.redirect_uri
        assert "error" in dict(visit.end.parameters) and "code" not in dict(visit.end.parameters)
    else:
        assert visit.page.status == 400
