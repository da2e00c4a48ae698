"""What the example does when Servicekonto says that somebody signed out there."""

import time
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import ECKey

from tests.integration.example.provider import CLIENT_ID, EVENT, LyingProvider
from tests.integration.example.visitors import is_signed_in, settings_for, sign_in, visitor_of


def tell(app_of: FlaskClient, logout_token: str) -> int:
    """As the provider does, without cookies."""
    caller = app_of.application.test_client()
    return caller.post("/backchannel-logout", data={"logout_token": logout_token}).status_code


def test_the_session_of_that_sign_in_ends_and_no_other(
    visitor: FlaskClient, provider: LyingProvider, tmp_path: Path
) -> None:
    sign_in(visitor, provider)
    other = visitor_of(settings_for(provider, tmp_path))
    provider.id_token = {"sid": "another-sign-in"}
    sign_in(other, provider)

    assert tell(visitor, provider.logout_token()) == 200

    assert not is_signed_in(visitor)
    assert is_signed_in(other)


def test_without_a_sign_in_named_all_of_the_person_end(visitor: FlaskClient, provider: LyingProvider) -> None:
    sign_in(visitor, provider)

    assert tell(visitor, provider.logout_token(sid=None)) == 200

    assert not is_signed_in(visitor)


LIES: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "other"},
    "several audiences": {"aud": ["other", CLIENT_ID]},
    "another issuer": {"iss": "https://other.example"},
    "old": {"iat": int(time.time()) - 3600},
    "of the future": {"iat": int(time.time()) + 3600},
    "expired": {"exp": int(time.time()) - 600},
    "without an end": {"exp": None},
    "without an id": {"jti": None},
    "without an event": {"events": None},
    "of another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "with a nonce": {"nonce": "n"},
    "of nobody": {"sub": None, "sid": None},
    "of an ID token": {"typ": "JWT"},
    "with events that are none": {"events": [EVENT]},
    "signed by somebody else": {"key": ECKey.generate_key("P-256", auto_kid=True)},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=list(LIES))
def test_a_logout_token_is_not_believed(
    visitor: FlaskClient, provider: LyingProvider, lie: dict[str, Any]
) -> None:
    sign_in(visitor, provider)

    assert tell(visitor, provider.logout_token(**lie)) == 400

    assert is_signed_in(visitor)


@pytest.mark.parametrize("text", ["", "a.b.c", "ü", "..", "e30.e30."])
def test_what_is_no_token_is_refused(visitor: FlaskClient, text: str) -> None:
    assert tell(visitor, text) == 400


def test_a_logout_token_counts_once(visitor: FlaskClient, provider: LyingProvider) -> None:
    sign_in(visitor, provider)
    token = provider.logout_token()
    tell(visitor, token)
    sign_in(visitor, provider)

    assert tell(visitor, token) == 400
    assert is_signed_in(visitor)
