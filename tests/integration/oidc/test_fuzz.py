"""Whatever is sent: never an error of ours, and nobody is led to an address that is not registered."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.builders.accounts import create_account, sign_in
from tests.builders.oidc import REDIRECT_URI, VERIFIER, Website, agree, create_website
from tests.integration.oidc.hostile import (
    CHANGES,
    CLAIMS,
    HEADER,
    NAMES,
    TEXT,
    VALUES,
    assert_harmless,
    examples,
    lift_limits,
)
from tests.support.client import PageClient

FIXED = examples(50)
_OF_TOKENS = ("grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "scope")


def _basic(raw: bytes) -> str:
    return "Basic " + base64.b64encode(raw).decode()


def _encoded(content: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.fixture(autouse=True)
def without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    lift_limits(monkeypatch)


@pytest.fixture
def website(database: None) -> Website:
    return create_website()


@pytest.fixture(params=["visitor", "citizen"])
def visitor(request: pytest.FixtureRequest, client: PageClient, website: Website) -> PageClient:
    """Nobody, or somebody who has agreed before."""
    if request.param == "citizen":
        sign_in(client, create_account(email="erika@example.org"))
        agree(client, website.send(client))
    return client


def on_both_ways(send: Callable[..., TestResponse], changed: dict[str, Any], is_posted: bool) -> TestResponse:
    if is_posted:
        return send("/oidc/authorize", method="POST", data=changed)
    return send("/oidc/authorize", query_string=changed)


@FIXED
@given(changes=CHANGES, is_posted=st.booleans())
def test_at_the_authorization_endpoint(
    visitor: PageClient, website: Website, changes: dict[str, Any], is_posted: bool
) -> None:
    answer = on_both_ways(visitor.client.open, website.parameters(**changes), is_posted)

    assert_harmless(answer)


@FIXED
@given(claims=CLAIMS, prompt=st.sampled_from([None, "none", "consent", "login"]))
def test_with_any_claims(visitor: PageClient, website: Website, claims: str, prompt: str | None) -> None:
    assert_harmless(website.send(visitor, claims=claims, prompt=prompt))


@FIXED
@given(
    header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk"]), TEXT, max_size=4),
    payload=st.dictionaries(NAMES, TEXT, max_size=4),
    signature=st.sampled_from(["", "AAAA", "!", "ü"]),
    name=st.sampled_from(["request", "id_token_hint"]),
)
def test_with_any_token(
    visitor: PageClient,
    website: Website,
    header: dict[str, str],
    payload: dict[str, str],
    signature: str,
    name: str,
) -> None:
    token = ".".join([_encoded(header), _encoded(payload), signature])

    assert_harmless(website.send(visitor, **{name: token}))


@FIXED
@given(changes=CHANGES, secret=st.one_of(st.just("right"), TEXT))
def test_at_the_endpoint_for_pushed_requests(
    client: PageClient, website: Website, changes: dict[str, Any], secret: str
) -> None:
    given_secret = website.secret if secret == "right" else secret
    answer = client.client.post("/oidc/par", data=website.parameters(client_secret=given_secret, **changes))

    assert answer.status_code in {201, 400, 401, 413}
    assert answer.mimetype == "application/json" and "Location" not in answer.headers
    assert answer.get_json().get("error_description", "").isascii()


@FIXED
@given(
    changes=st.dictionaries(st.sampled_from(_OF_TOKENS), VALUES, max_size=4),
    authorization=st.one_of(st.none(), HEADER, st.binary(max_size=40).map(_basic)),
)
def test_at_the_token_endpoint(
    client: PageClient, website: Website, changes: dict[str, Any], authorization: str | None
) -> None:
    data = {
        "grant_type": "authorization_code",
        "code": "x" * 43,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_id": website.client.client_id,
        "client_secret": website.secret,
        **changes,
    }
    headers = {"Authorization": authorization} if authorization is not None else {}
    sent = {name: value for name, value in data.items() if value is not None}
    answer = client.client.post("/oidc/token", data=sent, headers=headers)

    assert answer.status_code in {400, 401, 413}
    assert answer.get_json()["error"] and answer.get_json().get("error_description", "").isascii()


@FIXED
@given(authorization=st.one_of(st.none(), HEADER, HEADER.map(lambda text: "Bearer " + text)), token=TEXT)
def test_at_userinfo(client: PageClient, website: Website, authorization: str | None, token: str) -> None:
    headers = {"Authorization": authorization} if authorization is not None else {}

    assert client.client.get("/oidc/userinfo", headers=headers).status_code == 401
    posted = client.client.post("/oidc/userinfo", headers=headers, data={"access_token": token})
    assert posted.status_code in {400, 401}
