"""What the example does when Servicekonto says that somebody signed out there."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import ECKey
from relying_party import keys

from tests.integration.example.provider import CLIENT_ID, EVENT, LyingProvider, new_key, unsigned
from tests.integration.example.visitors import is_signed_in, settings_for, sign_in, visitor_of

NOBODY = "http://127.0.0.1:9"  # answers there


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


GARBAGE = [
    *("", "a.b.c", "ü", "..", "e30.e30.", "W10.e30.AAAA", "bnVsbA.bnVsbA.AAAA", "x" * 9000, "." * 2000),
    "eyJhbGciOiJFUzI1NiIsInR5cCI6ImxvZ291dCtqd3QiLCJraWQiOiIxIn0.W10.AAAA",  # the claims are a list
    "eyJhbGciOiJFUzI1NiIsInR5cCI6ImxvZ291dCtqd3QiLCJraWQiOiIxIn0.W1tb.AAAA",  # and no JSON
    "eyJhbGciOlsiRVMyNTYiXSwidHlwIjoibG9nb3V0K2p3dCIsImtpZCI6IjEifQ.e30.AAAA",  # a list of algorithms
]


@pytest.mark.parametrize("text", GARBAGE)
def test_for_what_is_no_token_nobody_is_asked(
    visitor: FlaskClient, provider: LyingProvider, text: str
) -> None:
    assert tell(visitor, text) == 400
    assert provider.asked == []


@pytest.mark.parametrize("lie", [lie for lie in LIES.values() if "key" not in lie])
def test_nor_for_one_that_says_itself_that_it_is_not_for_us(
    visitor: FlaskClient, provider: LyingProvider, lie: dict[str, Any]
) -> None:
    assert tell(visitor, provider.logout_token(**lie)) == 400
    assert provider.asked == []


def test_nor_for_one_without_a_signature(visitor: FlaskClient, provider: LyingProvider) -> None:
    assert tell(visitor, unsigned(provider, {"iss": provider.issuer})) == 400
    assert provider.asked == []


def test_keys_that_are_known_are_not_asked_for_again(visitor: FlaskClient, provider: LyingProvider) -> None:
    sign_in(visitor, provider)
    asked = len(provider.asked)

    assert tell(visitor, provider.logout_token()) == 200
    assert len(provider.asked) == asked


def test_a_new_key_is_asked_for(visitor: FlaskClient, provider: LyingProvider) -> None:
    sign_in(visitor, provider)
    provider.key = new_key()

    assert tell(visitor, provider.logout_token()) == 200
    assert not is_signed_in(visitor)


def test_names_of_keys_that_do_not_exist_make_us_ask_once(
    visitor: FlaskClient, provider: LyingProvider
) -> None:
    sign_in(visitor, provider)
    asked = len(provider.asked)

    answers = {tell(visitor, provider.logout_token(key=new_key())) for _number in range(5)}

    assert answers == {400}
    assert provider.asked[asked:] == ["/jwks"]


def test_after_a_pause_they_are_asked_for_again(
    visitor: FlaskClient, provider: LyingProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(visitor, provider)
    tell(visitor, provider.logout_token(key=new_key()))
    provider.key = new_key()
    assert tell(visitor, provider.logout_token()) == 400

    monkeypatch.setattr(keys, "PAUSE_SECONDS", 0)

    assert tell(visitor, provider.logout_token()) == 200
    assert not is_signed_in(visitor)


@pytest.mark.parametrize("status", [404, 500, 503])
def test_while_there_are_no_keys_the_provider_is_told_to_come_again(
    visitor: FlaskClient, provider: LyingProvider, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    token = provider.logout_token()
    provider.status = status
    assert tell(visitor, token) == 503

    provider.status = 200
    monkeypatch.setattr(keys, "PAUSE_SECONDS", 0)

    assert tell(visitor, token) == 200


def test_a_provider_that_is_down_is_asked_once_in_a_while(
    visitor: FlaskClient, provider: LyingProvider
) -> None:
    provider.status = 503

    answers = {tell(visitor, provider.logout_token()) for _number in range(5)}

    assert answers == {503}
    assert len(provider.asked) == 1


def test_a_key_that_is_known_counts_while_the_provider_is_down(
    visitor: FlaskClient, provider: LyingProvider
) -> None:
    sign_in(visitor, provider)
    provider.status = 503
    assert tell(visitor, provider.logout_token(key=new_key())) == 503

    assert tell(visitor, provider.logout_token()) == 200
    assert not is_signed_in(visitor)


def test_where_nobody_answers_at_all_it_is_the_same(provider: LyingProvider, tmp_path: Path) -> None:
    settings = replace(settings_for(provider, tmp_path), issuer=NOBODY)

    assert tell(visitor_of(settings), provider.logout_token(iss=NOBODY)) == 503


@pytest.mark.parametrize(
    "wrong", [{"issuer": "https://other.example"}, {"jwks_uri": None}, {"jwks_uri": "no address"}]
)
def test_metadata_that_lead_to_no_keys_are_no_answer(
    visitor: FlaskClient, provider: LyingProvider, wrong: dict[str, Any]
) -> None:
    provider.metadata = wrong

    assert tell(visitor, provider.logout_token()) == 503


def test_metadata_of_another_issuer_are_asked_for_again(
    visitor: FlaskClient, provider: LyingProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = provider.logout_token()
    provider.metadata = {"issuer": "https://other.example"}
    assert tell(visitor, token) == 503

    provider.metadata = {}
    monkeypatch.setattr(keys, "PAUSE_SECONDS", 0)

    assert tell(visitor, token) == 200
