"""The website that signs its visitors in: what it sends, and what it checks of every answer."""

import base64
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

import requests
from joserfc.jwk import ECKey

from tests.conformance.clients import Client
from tests.conformance.provider import CONSENT, Provider
from tests.conformance.tokens import challenge_of, client_assertion, dpop_proof, half_hash, now, verified
from tests.conformance.user_agent import Callback, Page, Step, UserAgent

FORM_POST = "form_post"
ISS = "authorization_response_iss_parameter_supported"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SKEW = 300
MOST_PAGES = 8
Headers = dict[str, str]


@dataclass(frozen=True)
class Tokens:
    """Of an answer in which everything was right."""

    access: str = field(repr=False)
    id_token: str = field(repr=False)
    header: dict[str, Any]
    claims: dict[str, Any]
    refresh: str | None = field(repr=False)
    answer: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Visit:
    """How one authorization request went. ``shown``: the kinds of pages on the way."""

    website: "Website"
    request: dict[str, str]
    verifier: str | None
    end: Step
    shown: tuple[str, ...]

    @property
    def back(self) -> dict[str, str]:
        """What the website got, in the way it asked for, with ``state`` and ``iss`` as they have to be."""
        assert isinstance(self.end, Callback), f"no way back, but a page: {self.end}"
        assert self.end.uri == self.website.client.redirect_uri.partition("?")[0]
        assert not self.end.fragment
        wanted = "POST" if self.request.get("response_mode") == FORM_POST else "GET"
        assert self.end.method == wanted, f"response_mode was not honoured: {self.end}"
        return self._checked(self.end)

    def _checked(self, callback: Callback) -> dict[str, str]:
        repeated = [
            name for name, times in Counter(name for name, _value in callback.parameters).items() if times > 1
        ]
        assert not repeated, f"more than once: {repeated}"
        found = dict(callback.parameters)
        assert found.get("state") == self.request.get("state")
        if "iss" in found or self.website.provider.metadata.get(ISS):
            assert found.get("iss") == self.website.provider.issuer
        own = dict(parse_qsl(urlsplit(self.website.client.redirect_uri).query))
        assert {name: found.pop(name, None) for name in own} == own, "the query that it has registered"
        return found

    @property
    def code(self) -> str:
        assert "error" not in self.back, self.back
        assert set(self.back) <= {"code", "state", "iss", "session_state"}, self.back
        return self.back["code"]

    @property
    def error(self) -> str:
        assert set(self.back) <= {"error", "error_description", "error_uri", "state", "iss", "session_state"}
        return self.back["error"]

    @property
    def page(self) -> Page:
        assert isinstance(self.end, Page), f"it led away: {self.end}"
        return self.end


def follow(
    provider: Provider, agent: UserAgent, step: Step, *, deny: bool = False
) -> tuple[Step, tuple[str, ...]]:
    """Over the pages of the provider, with the kinds of those that were seen."""
    shown: list[str] = []
    while isinstance(step, Page) and (kind := provider.page_kind(step)):
        assert step.status < 400, f"{step.url} says {step.status}: {step.text}"
        shown.append(kind)
        assert len(shown) < MOST_PAGES, f"it goes on for ever: {shown}"
        step = provider.deny(agent, step) if deny and kind == CONSENT else provider.go_on(agent, step)
    return step, tuple(shown)


class Website:
    """``client``: a name of the registrations of the provider. Every instance has a DPoP key of its own."""

    def __init__(
        self, provider: Provider, client: str = "basic", *, response_mode: str | None = None
    ) -> None:
        self.provider = provider
        self.client: Client = provider.client(client)
        self.response_mode = response_mode
        self.dpop_key: ECKey | None = ECKey.generate_key("P-256") if self.client.is_fapi else None

    def parameters(self, **changes: str | None) -> dict[str, str]:
        """A complete authorization request; a change to None leaves a parameter out."""
        given: dict[str, str | None] = {
            "client_id": self.client.client_id,
            "response_type": "code",
            "redirect_uri": self.client.redirect_uri,
            "scope": "openid",
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "response_mode": self.response_mode,
        }
        return {name: value for name, value in (given | changes).items() if value is not None}

    def somebody(self) -> UserAgent:
        """Who has signed in at the provider before, and agreed for this website's simplest request."""
        return self.provider.somebody(self._sign_in)

    def _sign_in(self, agent: UserAgent) -> None:
        assert self.send(agent).code

    def send(
        self, agent: UserAgent, *, pkce: bool = False, deny: bool = False, **changes: str | None
    ) -> Visit:
        """The person does what every page asks; with ``deny``, they do not agree."""
        verifier = secrets.token_urlsafe(48) if pkce or self.client.is_fapi else None
        if verifier is not None:
            changes = {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256", **changes}
        request = self.parameters(**changes)
        step = agent.open(self.provider.endpoint("authorization"), request)
        return self.follow(agent, step, request, verifier, deny=deny)

    def follow(
        self,
        agent: UserAgent,
        step: Step,
        request: dict[str, str],
        verifier: str | None = None,
        *,
        deny: bool = False,
    ) -> Visit:
        end, shown = follow(self.provider, agent, step, deny=deny)
        return Visit(self, request, verifier, end, shown)

    def send_in_reverse(self, agent: UserAgent, **changes: str | None) -> Visit:
        """The last parameter first."""
        request = dict(reversed(self.parameters(**changes).items()))
        return self.follow(agent, agent.open(self.provider.endpoint("authorization"), request), request)

    def redeem(
        self,
        visit: Visit,
        *,
        headers: Headers | None = None,
        changes: Mapping[str, str | None] | None = None,
        **further: str | None,
    ) -> requests.Response:
        given = {
            "grant_type": "authorization_code",
            "code": visit.code,
            "redirect_uri": visit.request.get("redirect_uri"),
            "code_verifier": visit.verifier,
            **(changes or {}),
            **further,
        }
        return self.ask("token", given, headers=headers)

    def ask(
        self, endpoint: str, given: Mapping[str, str | None], *, headers: Headers | None = None
    ) -> requests.Response:
        """As the client; ``given`` may replace what the client authenticates itself with. A header without
        anything in it is left out.
        """
        url = self.provider.endpoint(endpoint)
        own_data, own_headers = self.authentication()
        data = {name: value for name, value in (own_data | dict(given)).items() if value is not None}
        if self.dpop_key is not None and endpoint == "token":
            own_headers["DPoP"] = dpop_proof(self.dpop_key, "POST", url)
        complete = {name: value for name, value in (own_headers | (headers or {})).items() if value}
        return self.provider.post(url, data, headers=complete)

    def authentication(self) -> tuple[dict[str, str | None], Headers]:
        """Form fields and headers."""
        client = self.client
        match client.auth_method:
            case "client_secret_basic":
                return {}, {"Authorization": self._basic()}
            case "client_secret_post":
                return {"client_id": client.client_id, "client_secret": client.secret}, {}
            case "private_key_jwt":
                assertion = client_assertion(client.client_id, client.key, self.provider.issuer)
                return {"client_assertion_type": ASSERTION, "client_assertion": assertion}, {}
            case _:
                return {"client_id": client.client_id}, {}

    def _basic(self) -> str:
        """RFC 6749 § 2.3.1."""
        pair = f"{quote_plus(self.client.client_id)}:{quote_plus(self.client.secret)}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    def tokens(self, visit: Visit) -> Tokens:
        """For the code. The access token works at UserInfo."""
        tokens = self.checked(self.redeem(visit), visit)
        self.user_info(tokens)
        return tokens

    def checked(self, answer: requests.Response, visit: Visit, *, is_refreshed: bool = False) -> Tokens:
        """The answer of the token endpoint to a code or a refresh token of this visit."""
        body = self.checked_json(answer)
        assert body["token_type"].lower() == ("dpop" if self.dpop_key else "bearer")
        assert body["expires_in"] > 0
        header, claims = self.checked_id_token(body["id_token"], access_token=body["access_token"])
        if "c_hash" in claims:
            assert claims["c_hash"] == half_hash(visit.code)
        if not (is_refreshed and "nonce" not in claims):
            assert claims.get("nonce") == visit.request.get("nonce")
        return Tokens(body["access_token"], body["id_token"], header, claims, body.get("refresh_token"), body)

    def checked_json(self, answer: requests.Response) -> dict[str, Any]:
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        assert answer.headers["Content-Type"].split(";")[0] == "application/json"
        assert "no-store" in answer.headers["Cache-Control"]
        return dict(answer.json())

    def checked_id_token(self, token: str, *, access_token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """OpenID Connect Core § 3.1.3.7."""
        header, claims = verified(token, self.provider.key_set())
        audience = claims["aud"]
        assert header["alg"] in self.provider.metadata["id_token_signing_alg_values_supported"]
        assert claims["iss"] == self.provider.issuer
        assert audience in (self.client.client_id, [self.client.client_id])
        assert claims.get("azp", self.client.client_id) == self.client.client_id
        assert claims["exp"] > now() and abs(claims["iat"] - now()) < SKEW
        assert isinstance(claims["sub"], str) and 0 < len(claims["sub"]) <= 255
        assert claims.get("acr", "not there") != ""
        assert claims.get("auth_time", now()) <= now() + SKEW
        if "at_hash" in claims:
            assert claims["at_hash"] == half_hash(access_token)
        return header, claims

    def user_info(self, tokens: Tokens) -> dict[str, Any]:
        """With GET and the token in the header."""
        url = self.provider.endpoint("userinfo")
        answer = self.provider.get(url, headers=self.bearer(tokens.access, "GET", url))
        return self.checked_user_info(answer, tokens)

    def bearer(self, access_token: str, method: str, url: str) -> Headers:
        if self.dpop_key is None:
            return {"Authorization": f"Bearer {access_token}"}
        proof = dpop_proof(self.dpop_key, method, url, access_token=access_token)
        return {"Authorization": f"DPoP {access_token}", "DPoP": proof}

    def checked_user_info(self, answer: requests.Response, tokens: Tokens) -> dict[str, Any]:
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        assert answer.headers["Content-Type"].split(";")[0] == "application/json"
        found = dict(answer.json())
        assert found["sub"] == tokens.claims["sub"]
        return found
