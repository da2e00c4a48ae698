"""Whoever has a live code or token, and sends anything else with it: never an error of ours, and nothing
comes of what is only nearly right.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from servicekonto.accounts.models import Account
from servicekonto.oidc.client_models import AuthMethod
from tests.builders.oidc import (
    REDIRECT_URI,
    VERIFIER,
    Website,
    code_for,
    create_website,
    offline_tokens,
    tokens_for,
)
from tests.builders.signed import ASSERTION_TYPE, BYTES, assertion, jwks_of, key_for, proof
from tests.integration.oidc.hostile import HEADER, JSON, NEAR, TEXT, VALUES, examples, lift_limits, nearly
from tests.support.client import PageClient

FIXED = examples(40)
FEWER = examples(25)
_BOUND = (
    "grant_type",
    "code",
    "refresh_token",
    "redirect_uri",
    "code_verifier",
    "client_id",
    "client_secret",
)
_NAMES = st.sampled_from(
    [*_BOUND, "scope", "client_assertion", "client_assertion_type", "resource", "token_type_hint", "token"]
)
_CHANGES = st.dictionaries(_NAMES, VALUES, max_size=3)
_KEY = key_for("ES256")
_SIGNED_CLAIMS = st.dictionaries(
    st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "htm", "htu", "ath", "nonce"]),
    JSON,
    max_size=2,
)
# Other types in headers: BYTES. No library signs them.
_SIGNED_HEADER = st.dictionaries(st.sampled_from(["kid", "typ", "cty"]), TEXT, max_size=2)
_PROOF = st.one_of(
    st.none(),
    HEADER,
    st.sampled_from([text for text in BYTES if text.isascii() and "\0" not in text]),
    st.tuples(_SIGNED_HEADER, _SIGNED_CLAIMS),
)
Proof = str | tuple[dict[str, Any], dict[str, Any]] | None


@pytest.fixture(autouse=True)
def without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    lift_limits(monkeypatch)


@pytest.fixture
def lasting(database: None) -> Website:
    return create_website(offline_access=True)


@pytest.fixture
def signing(database: None) -> Website:
    return create_website(token_endpoint_auth_method=AuthMethod.PRIVATE_KEY, jwks=jwks_of(_KEY))


def headers_with(text: Proof, **changes: Any) -> dict[str, str]:
    """``text``: what stands in the header, or what to change in a proof that is right."""
    if text is None:
        return {}
    if isinstance(text, str):
        return {"DPoP": text}
    header, claims = text
    return {"DPoP": proof(_KEY, header=header, **changes | claims)}


def send(
    client: PageClient, path: str, data: dict[str, Any], headers: dict[str, str] | None = None
) -> TestResponse:
    sent = {name: value for name, value in data.items() if value is not None}
    return PageClient(client.app).client.post(path, data=sent, headers=headers or {})


def is_given(answer: TestResponse) -> bool:
    """Whether tokens came. What else comes is an error as RFC 6749 § 5.2 writes it."""
    if answer.status_code == 200:
        return True
    assert answer.status_code in {400, 401, 413}, answer.text
    assert answer.get_json()["error"] and answer.get_json().get("error_description", "").isascii()
    return False


@FIXED
@given(changes=_CHANGES, near=st.one_of(st.none(), st.tuples(st.sampled_from(_BOUND), NEAR)), text=_PROOF)
def test_a_code_is_good_for_nothing_but_what_it_was_made_for(
    client: PageClient,
    website: Website,
    erika_who_agreed: Account,
    changes: dict[str, Any],
    near: tuple[str, str] | None,
    text: Proof,
) -> None:
    right = {
        "grant_type": "authorization_code",
        "code": code_for(client, website),
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        **website.credentials,
    }
    sent = right | changes
    if near and near[0] in right:
        sent[near[0]] = nearly(right[near[0]], near[1])
    answer = send(client, "/oidc/token", sent, headers_with(text))

    assert not is_given(answer) or right.items() <= sent.items(), sent


@FEWER
@given(changes=_CHANGES, near=st.one_of(st.none(), st.tuples(st.sampled_from(_BOUND), NEAR)), text=_PROOF)
def test_a_refresh_token_is_good_for_its_website_alone(
    client: PageClient,
    lasting: Website,
    erika: Account,
    changes: dict[str, Any],
    near: tuple[str, str] | None,
    text: Proof,
) -> None:
    token = offline_tokens(client, lasting)["refresh_token"]
    right = {"grant_type": "refresh_token", "refresh_token": token, **lasting.credentials}
    sent = right | changes
    if near and near[0] in right:
        sent[near[0]] = nearly(right[near[0]], near[1])
    answer = send(client, "/oidc/token", sent, headers_with(text))

    assert not is_given(answer) or right.items() <= sent.items(), sent


@FIXED
@given(
    header=_SIGNED_HEADER,
    claims=_SIGNED_CLAIMS,
    kind=st.one_of(st.just(ASSERTION_TYPE), TEXT),
    near=st.one_of(st.none(), NEAR),
    changes=_CHANGES,
    text=_PROOF,
)
def test_a_signature_over_anything_else_proves_nothing(
    client: PageClient,
    signing: Website,
    erika: Account,
    header: dict[str, Any],
    claims: dict[str, Any],
    kind: str,
    near: str | None,
    changes: dict[str, Any],
    text: Proof,
) -> None:
    given_text = assertion(signing.client.client_id, _KEY, header=header, **claims)
    sent = {
        "grant_type": "authorization_code",
        "code": code_for(client, signing),
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_assertion_type": kind,
        "client_assertion": nearly(given_text, near) if near else given_text,
    } | changes
    answer = send(client, "/oidc/token", sent, headers_with(text))

    assert not is_given(answer) or (not near and kind == ASSERTION_TYPE and not {"iss", "sub"} & set(claims))


@FIXED
@given(
    scheme=st.one_of(st.sampled_from(["Bearer", "bearer", "DPoP", "Basic", "Bearer  "]), HEADER),
    near=st.one_of(st.none(), NEAR),
    text=_PROOF,
    is_posted=st.booleans(),
)
def test_an_access_token_tells_nothing_when_it_is_only_nearly_right(
    client: PageClient,
    website: Website,
    erika_who_agreed: Account,
    scheme: str,
    near: str | None,
    text: Proof,
    is_posted: bool,
) -> None:
    token = tokens_for(client, website)["access_token"]
    shown = nearly(token, near).replace("\0", "~") if near else token
    proven = headers_with(text, path="/oidc/userinfo", method="GET", access_token=token)
    bare = PageClient(client.app).client
    if is_posted:
        answer = bare.post("/oidc/userinfo", data={"access_token": shown, "x": scheme}, headers=proven)
    else:
        answer = bare.get("/oidc/userinfo", headers=proven | {"Authorization": f"{scheme} {shown}"})

    assert answer.status_code in {200, 400, 401}
    assert answer.status_code != 200 or not near or (near == "blank behind" and not is_posted)


@FEWER
@given(
    path=st.sampled_from(["/oidc/introspect", "/oidc/revoke"]),
    kind=st.sampled_from(["access_token", "refresh_token"]),
    near=st.one_of(st.none(), NEAR),
    changes=_CHANGES,
)
def test_asking_about_a_token_or_giving_it_back_is_no_error_whatever_comes_with_it(
    client: PageClient,
    lasting: Website,
    erika: Account,
    path: str,
    kind: str,
    near: str | None,
    changes: dict[str, Any],
) -> None:
    token = offline_tokens(client, lasting)[kind]
    sent = {"token": nearly(token, near) if near else token, **lasting.credentials, **changes}
    answer = send(client, path, sent)

    assert is_given(answer) or "active" not in answer.text
    if path == "/oidc/introspect" and answer.status_code == 200 and sent["token"] != token:
        assert answer.get_json() == {"active": False}
