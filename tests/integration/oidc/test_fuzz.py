"""Whatever is sent: never an error of ours, and nobody is led to an address that is not registered."""

import base64
import json
import re
import string
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from servicekonto.accounts import throttle
from tests.builders.accounts import create_account, sign_in
from tests.builders.oidc import REDIRECT_URI, VERIFIER, Website, agree, create_website
from tests.support.client import PageClient

PAGES_OF_OURS = re.compile(r"/(oidc/vorgang/[0-9a-f-]{36}|anmelden(/bestaetigen)?|konto/sicherheit)")
FORM_ACTION = re.compile(r'<form[^>]* action="([^"]*)"')
FIXED = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_AWKWARD = st.sampled_from(
    [
        *("", " ", "\0", "\r\nLocation: https://evil.example/", "ü", '"', "\\", "😀" * 50, "9" * 400, "-1"),
        *("%00", "\ufffe", "\u202e", "none", "none login", "{}", "[]", "null", "{" * 500, "a" * 20000),
        *("https://evil.example/", "//evil.example", "javascript:alert(1)", REDIRECT_URI + "/..;/x"),
        *(REDIRECT_URI + "?x=1", REDIRECT_URI + "#x", REDIRECT_URI.upper(), "http://evil/ü", 'http://evil/"'),
        *("urn:ietf:params:oauth:request_uri:x.y", "eyJhbGciOiJub25lIn0.e30.", "a.b.c", "e30.e30.e30"),
        '{"id_token": {"acr": {"essential": true, "values": ["x"]}}}',
        '{"userinfo": {"sub": {"value": "\\ud800"}}}',
        *("cödé", "code", "token", "code id_token", "form_post", "fragment", "S256", "plain", "0", "1e999"),
    ]
)
_TEXT = st.one_of(_AWKWARD, st.text(max_size=40), st.text(string.printable, max_size=60))
_HEADER = st.text(string.ascii_letters + string.digits + string.punctuation + " ü\t", max_size=60)
_NAMES = st.sampled_from(
    [
        *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "response_mode", "prompt"),
        *("max_age", "acr_values", "claims", "id_token_hint", "login_hint", "ui_locales", "claims_locales"),
        *(
            "display",
            "request",
            "request_uri",
            "code_challenge",
            "code_challenge_method",
            "dpop_jkt",
            "extra",
        ),
    ]
)
_CLAIMS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["userinfo", "id_token", "acr", "sub", "email", "essential", "value", "values"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
).map(json.dumps)
_VALUES = st.one_of(st.none(), _TEXT, st.lists(_TEXT, min_size=2, max_size=2))
_CHANGES = st.dictionaries(_NAMES, _VALUES, max_size=4)
_OF_TOKENS = ("grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "scope")


def _basic(raw: bytes) -> str:
    return "Basic " + base64.b64encode(raw).decode()


def _encoded(content: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.fixture(autouse=True)
def without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for scope in (throttle.WEBSITE_REQUEST_CLIENT, throttle.WEBSITE_REQUEST_NETWORK):
        monkeypatch.setitem(throttle.RULES, scope, throttle.Rule(10**6, throttle.RULES[scope].window))


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


def assert_harmless(answer: TestResponse) -> None:
    assert answer.status_code < 500
    assert "evil" not in answer.headers.get("Location", "").partition("?")[0]
    if answer.status_code in {302, 303}:
        target = urlsplit(answer.location)
        is_the_website = answer.location.startswith(REDIRECT_URI + "?") and not target.fragment
        assert is_the_website or (not target.netloc and PAGES_OF_OURS.fullmatch(target.path)), answer.location
        assert not is_the_website or "iss=http%3A%2F%2Flocalhost" in target.query
    for action in FORM_ACTION.findall(answer.text) if answer.mimetype == "text/html" else []:
        assert action == REDIRECT_URI or action.startswith("/"), action


def on_both_ways(send: Callable[..., TestResponse], changed: dict[str, Any], is_posted: bool) -> TestResponse:
    if is_posted:
        return send("/oidc/authorize", method="POST", data=changed)
    return send("/oidc/authorize", query_string=changed)


@FIXED
@given(changes=_CHANGES, is_posted=st.booleans())
def test_at_the_authorization_endpoint(
    visitor: PageClient, website: Website, changes: dict[str, Any], is_posted: bool
) -> None:
    answer = on_both_ways(visitor.client.open, website.parameters(**changes), is_posted)

    assert_harmless(answer)


@FIXED
@given(claims=_CLAIMS, prompt=st.sampled_from([None, "none", "consent", "login"]))
def test_with_any_claims(visitor: PageClient, website: Website, claims: str, prompt: str | None) -> None:
    assert_harmless(website.send(visitor, claims=claims, prompt=prompt))


@FIXED
@given(
    header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk"]), _TEXT, max_size=4),
    payload=st.dictionaries(_NAMES, _TEXT, max_size=4),
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
@given(changes=_CHANGES, secret=st.one_of(st.just("right"), _TEXT))
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
    changes=st.dictionaries(st.sampled_from(_OF_TOKENS), _VALUES, max_size=4),
    authorization=st.one_of(st.none(), _HEADER, st.binary(max_size=40).map(_basic)),
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
@given(authorization=st.one_of(st.none(), _HEADER, _HEADER.map(lambda text: "Bearer " + text)), token=_TEXT)
def test_at_userinfo(client: PageClient, website: Website, authorization: str | None, token: str) -> None:
    headers = {"Authorization": authorization} if authorization is not None else {}

    assert client.client.get("/oidc/userinfo", headers=headers).status_code == 401
    posted = client.client.post("/oidc/userinfo", headers=headers, data={"access_token": token})
    assert posted.status_code in {400, 401}
