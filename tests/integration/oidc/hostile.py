"""What somebody sends who means no good or knows no better, and what no answer may do."""

import json
import re
import string
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from servicekonto.accounts import throttle
from tests.builders.oidc import REDIRECT_URI

PAGES_OF_OURS = re.compile(r"/(oidc/vorgang/[0-9a-f-]{36}|anmelden(/bestaetigen)?|konto/sicherheit)")
FORM_ACTION = re.compile(r'<form[^>]* action="([^"]*)"')


def examples(number: int) -> settings:
    return settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # making an example smaller takes minutes
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
TEXT = st.one_of(_AWKWARD, st.text(max_size=40), st.text(string.printable, max_size=60))
HEADER = st.text(string.ascii_letters + string.digits + string.punctuation + " ü\t", max_size=60)
NAMES = st.sampled_from(
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
JSON = st.recursive(
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
)
CLAIMS = JSON.map(json.dumps)
VALUES = st.one_of(st.none(), TEXT, st.lists(TEXT, min_size=2, max_size=2))
CHANGES = st.dictionaries(NAMES, VALUES, max_size=4)

Near = Callable[[str], str]
_NEAR: dict[str, Near] = {
    "cut": lambda text: text[:-1],
    "longer": lambda text: text + "x",
    "other end": lambda text: text[:-3] + "xyz",
    "other beginning": lambda text: "xyz" + text[3:],
    "blank behind": lambda text: text + " ",
    "swapped case": str.swapcase,
    "twice": lambda text: text + text,
    "zero byte": lambda text: text + "\0",
    "strange": lambda text: text + "ü",
}
NEAR = st.sampled_from(sorted(_NEAR))
"""Names of ways to be nearly right."""


def nearly(text: str, way: str) -> str:
    return _NEAR[way](text)


def lift_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for scope in (throttle.WEBSITE_REQUEST_CLIENT, throttle.WEBSITE_REQUEST_NETWORK):
        monkeypatch.setitem(throttle.RULES, scope, throttle.Rule(10**6, throttle.RULES[scope].window))


def assert_harmless(answer: TestResponse) -> None:
    assert answer.status_code < 500
    assert "evil" not in answer.headers.get("Location", "").partition("?")[0]
    if answer.status_code in {302, 303}:
        is_the_website = answer.location.startswith(REDIRECT_URI + "?") and "#" not in answer.location
        assert is_the_website or leads_to_us(answer), answer.location
        assert not is_the_website or "iss=http%3A%2F%2Flocalhost" in answer.location
    for action in FORM_ACTION.findall(answer.text) if answer.mimetype == "text/html" else []:
        assert action == REDIRECT_URI or action.startswith("/"), action


def leads_to_us(answer: TestResponse) -> bool:
    """To one of the pages on the way to a website."""
    path = answer.headers.get("Location", "").partition("?")[0]
    return answer.status_code in {302, 303} and PAGES_OF_OURS.fullmatch(path) is not None
