"""An invented website that signs its visitors in with us, and what it sends."""

import base64
import functools
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.test import TestResponse

from servicekonto.core.db import unit_of_work
from servicekonto.oidc import clients, keys
from servicekonto.oidc.client_models import AuthMethod, Client, ClientKind, SubjectType
from servicekonto.oidc.client_rules import Facts
from tests.builders.accounts import SOME_DAY
from tests.support.client import PageClient

RSA_BITS = 3072
_generate = RSAKey.generate_key
ISSUER = "http://localhost"
REDIRECT_URI = "https://website.example/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
SCOPES = ("openid", "profile", "email", "address", "phone")
VALUES: dict[str, object] = {
    "given_names": "Jörg Ömer",
    "family_name": "Müßig-Groß",
    "birth_date": "1983-08-12",
    "address": {"street": "Weg", "house_number": "1", "postcode": "63450", "place": "Hanau", "country": "DE"},
}


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class Website:
    """``secret`` "" for one that has none."""

    client: Client
    secret: str = ""

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """A complete authorization request; a change to None leaves a parameter out."""
        given = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": REDIRECT_URI,
            "scope": "openid",
            "state": "as it came ~",
            "nonce": "n-0S6_WzA2Mj",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (given | changes).items() if value is not None}

    def send(self, visitor: PageClient, **changes: Any) -> TestResponse:
        """What the visitor's browser gets after the redirects on our side: the way back, or a page of
        ours.
        """
        answer = visitor.client.get("/oidc/authorize", query_string=self.parameters(**changes))
        return follow_here(visitor, answer)

    def exchange(
        self, visitor: PageClient, code: str | None, *, proof: str | None = None, **changes: Any
    ) -> TestResponse:
        """``proof``: for a token that is bound to a key (DPoP)."""
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
            "client_id": self.client.client_id,
            "client_secret": self.secret,
        }
        return self.post(visitor, "/oidc/token", proof=proof, **given | changes)

    def refresh(
        self, visitor: PageClient, token: str, *, proof: str | None = None, **changes: Any
    ) -> TestResponse:
        given = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post(visitor, "/oidc/token", proof=proof, **self.credentials | given | changes)

    def introspect(self, visitor: PageClient, token: str, **changes: Any) -> TestResponse:
        return self.post(visitor, "/oidc/introspect", **self.credentials | {"token": token} | changes)

    def revoke(self, visitor: PageClient, token: str, **changes: Any) -> TestResponse:
        return self.post(visitor, "/oidc/revoke", **self.credentials | {"token": token} | changes)

    @property
    def credentials(self) -> dict[str, str]:
        return {"client_id": self.client.client_id, "client_secret": self.secret}

    def post(self, visitor: PageClient, path: str, *, proof: str | None = None, **given: Any) -> TestResponse:
        """From the server of the website, without any cookie. A value of None leaves a parameter out."""
        data = {name: value for name, value in given.items() if value}
        headers = {} if proof is None else {"DPoP": proof}
        return PageClient(visitor.app).client.post(path, data=data, headers=headers)


def create_website(
    *,
    kind: ClientKind = ClientKind.CONFIDENTIAL,
    subject_type: SubjectType = SubjectType.PAIRWISE,
    **changes: Any,
) -> Website:
    method = AuthMethod.POST if kind is ClientKind.CONFIDENTIAL else AuthMethod.NONE
    facts: dict[str, Any] = {
        "name": "Standesamtsportal Musterstadt",
        "purpose": "Sie bestellen Urkunden aus Musterstadt.",
        "purpose_en": "You order certificates from Musterstadt.",
        "contact_email": "portal@example.org",
        "home_page": "https://website.example/",
        "token_endpoint_auth_method": method,
        "redirect_uris": [REDIRECT_URI],
        "scopes": SCOPES,
    }
    with _prepared_keys():
        keys.ensure_keys(at=SOME_DAY)
    with unit_of_work():
        client = clients.register(
            Facts(**facts | changes), kind=kind, subject_type=subject_type, by=None, at=SOME_DAY
        )
        secret = clients.add_secret(client, by=None, at=SOME_DAY) if client.has_secrets else ""
    return Website(client, secret)


@contextmanager
def _prepared_keys() -> Iterator[None]:
    """Making RSA keys takes a second each: the same two for every database of this process."""
    numbers = count()
    with mock.patch.object(RSAKey, "generate_key", side_effect=lambda _bits: _rsa_key(next(numbers) % 2)):
        yield


@functools.cache
def _rsa_key(_number: int) -> RSAKey:
    return _generate(RSA_BITS)


def follow_here(visitor: PageClient, answer: TestResponse) -> TestResponse:
    """Over redirects to pages of ours, as a browser does."""
    while answer.status_code == 303 and not urlsplit(answer.location).netloc:
        answer = visitor.client.get(answer.location)
    return answer


def agree(visitor: PageClient, page: TestResponse, *scopes: str) -> TestResponse:
    """On the page that asks for consent, to these scopes and no others."""
    form = visitor.checked(page, 200).form(page.request.path)
    chosen = [scope for scope in scopes if scope != "openid"]
    fields = {"scopes": chosen} if "scopes" in form.values else {}
    button = "Zustimmen" if "Zustimmen und weiter" in form.buttons else "Nur Angekreuztem"
    return follow_here(visitor, form.submit(visitor, fields, button=button))


def came_back(answer: TestResponse) -> dict[str, str]:
    """The parameters with which the visitor comes back to the website."""
    assert answer.status_code == 303, answer.text
    assert answer.location.startswith(REDIRECT_URI + "?"), answer.location
    found = parse_qs(urlsplit(answer.location).query, strict_parsing=True)
    assert all(len(values) == 1 for values in found.values())
    return {name: values[0] for name, values in found.items()}


def code_for(client: PageClient, website: Website, scope: str = "openid", **changes: Any) -> str:
    page = website.send(client, scope=scope, **changes)
    if page.status_code == 200:
        page = agree(client, page, *scope.split())
    return came_back(page)["code"]


def tokens_for(client: PageClient, website: Website, scope: str = "openid", **changes: Any) -> dict[str, Any]:
    """After consent to everything that was asked for."""
    answer = website.exchange(client, code_for(client, website, scope, **changes))
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def offline_tokens(client: PageClient, website: Website, scope: str = "openid email") -> dict[str, Any]:
    """With a refresh token. ``website`` is one with ``offline_access``."""
    return tokens_for(client, website, f"{scope} offline_access", prompt="consent")


def userinfo(client: PageClient, token: str) -> Any:
    return PageClient(client.app).client.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})


def claims_in(token: str, published: dict[str, Any], algorithm: str = "ES256") -> dict[str, Any]:
    """Checked against the published keys, as the website does."""
    decoded = jwt.decode(token, KeySet.import_key_set(published), algorithms=[algorithm])  # type: ignore[arg-type]
    assert decoded.header["alg"] == algorithm
    return dict(decoded.claims)
