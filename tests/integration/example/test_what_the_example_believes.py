"""The example checks what Authlib's client takes on trust, and notices when Authlib stops checking the
rest.
"""

import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import ECKey

from tests.integration.example.provider import (
    CLIENT_ID,
    LOW,
    SUB,
    SUBSTANTIAL,
    LyingProvider,
    signed_by_somebody_else,
    signed_with_the_secret,
    unsigned,
)
from tests.integration.example.visitors import (
    begin,
    come_back,
    is_signed_in,
    post,
    settings_for,
    sign_in,
    visitor_of,
)


def test_an_honest_provider_is_believed(visitor: FlaskClient, provider: LyingProvider) -> None:
    answer = sign_in(visitor, provider)

    assert (answer.status_code, answer.location) == (303, "/angaben")
    page = visitor.get("/angaben").text
    assert "Erika Mustermann" in page and SUB in page and LOW in page


def test_the_page_says_which_facts_somebody_has_checked(
    visitor: FlaskClient, provider: LyingProvider
) -> None:
    provider.userinfo = {
        "birthdate": "1983-08-12",
        "email": "erika@example.org",
        "claim_levels": {"name": SUBSTANTIAL, "birthdate": LOW},
    }
    sign_in(visitor, provider)

    page = visitor.get("/angaben").text

    assert "Erika Mustermann (geprüft)" in page and "12.08.1983 (Ihre eigene Angabe)" in page
    assert "erika@example.org<" in page


def test_the_request_has_state_nonce_and_pkce(visitor: FlaskClient, provider: LyingProvider) -> None:
    sent = begin(visitor, provider)

    assert sent["code_challenge_method"] == "S256"
    assert sent["redirect_uri"] == "http://127.0.0.1/callback"
    assert len(sent["state"]) >= 20 and len(sent["nonce"]) >= 20
    come_back(visitor, provider, sent["state"])
    assert any(len(form.get("code_verifier", "")) >= 43 for form in provider.received)


ID_TOKENS = {
    "another audience with us as authorized party": {"aud": "other", "azp": CLIENT_ID},
    "several audiences": {"aud": ["other", CLIENT_ID], "azp": CLIENT_ID},
    "another issuer": {"iss": "https://other.example"},
    "another nonce": {"nonce": "other"},
    "no nonce": {"nonce": None},
    "expired": {"exp": int(time.time()) - 600},
    "an unknown level": {"acr": "very high"},
    "no level": {"acr": None},
    "no time of the sign-in": {"auth_time": None},
    "another person than UserInfo": {"sub": "somebody-else"},
    "the hash of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("claims", ID_TOKENS.values(), ids=list(ID_TOKENS))
def test_an_id_token_is_not_believed_with(
    visitor: FlaskClient, provider: LyingProvider, claims: dict[str, Any]
) -> None:
    provider.id_token = claims

    assert sign_in(visitor, provider).status_code == 400
    assert not is_signed_in(visitor)


@pytest.mark.parametrize("sign", [unsigned, signed_by_somebody_else, signed_with_the_secret])
def test_only_es256_with_a_published_key_counts_whatever_the_metadata_offer(
    visitor: FlaskClient, provider: LyingProvider, sign: Any
) -> None:
    provider.metadata = {"id_token_signing_alg_values_supported": ["none", "HS256", "ES256"]}
    provider.sign = sign

    assert sign_in(visitor, provider).status_code == 400
    assert not is_signed_in(visitor)


@pytest.mark.parametrize("issuer", [None, "https://other.example"])
@pytest.mark.parametrize("outcome", [{}, {"code": None, "error": "access_denied"}])
def test_an_answer_of_another_provider_is_refused_before_anything_is_sent(
    visitor: FlaskClient, provider: LyingProvider, issuer: str | None, outcome: dict[str, Any]
) -> None:
    state = begin(visitor, provider)["state"]
    asked = len(provider.received)

    answer = come_back(visitor, provider, state, iss=issuer, **outcome)

    assert answer.status_code == 400 and "passt nicht zu unserer Anfrage" in answer.text
    assert len(provider.received) == asked


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(
    visitor: FlaskClient, provider: LyingProvider, tmp_path: Path
) -> None:
    state = begin(visitor, provider)["state"]
    other = visitor_of(settings_for(provider, tmp_path))

    assert "in einem anderen Fenster begonnen" in come_back(other, provider, state).text
    assert not is_signed_in(other)


def test_an_answer_counts_once(visitor: FlaskClient, provider: LyingProvider) -> None:
    state = begin(visitor, provider)["state"]
    come_back(visitor, provider, state)

    assert come_back(visitor, provider, state).status_code == 400


def test_metadata_of_another_issuer_end_the_sign_in(visitor: FlaskClient, provider: LyingProvider) -> None:
    provider.metadata = {"issuer": "https://other.example"}

    assert "nicht erreichbar" in post(visitor, "/anmelden", goal="account").text


def test_the_important_act_wants_the_level_in_the_answer(
    visitor: FlaskClient, provider: LyingProvider
) -> None:
    sent = begin(visitor, provider, "act")
    assert (sent["acr_values"], sent["max_age"]) == (SUBSTANTIAL, "600")
    come_back(visitor, provider, sent["state"])

    assert "Melden Sie sich dafür sicherer an" in visitor.get("/eheschliessung").text
    assert post(visitor, "/eheschliessung").status_code == 403

    provider.id_token = {"acr": SUBSTANTIAL}
    assert sign_in(visitor, provider, "act").location == "/eheschliessung"
    assert "ist angemeldet" in post(visitor, "/eheschliessung").text


def test_an_old_sign_in_is_no_answer_to_the_wish_for_a_recent_one(
    visitor: FlaskClient, provider: LyingProvider
) -> None:
    provider.id_token = {"acr": SUBSTANTIAL, "auth_time": int(time.time()) - 3600}

    assert sign_in(visitor, provider, "act").status_code == 400
    assert sign_in(visitor, provider).location == "/angaben"
    assert post(visitor, "/eheschliessung").status_code == 403


def test_signing_in_again_ends_the_session_before(visitor: FlaskClient, provider: LyingProvider) -> None:
    sign_in(visitor, provider)
    first = visitor.get_cookie("musterstadt")
    assert first is not None
    sign_in(visitor, provider)

    visitor.set_cookie("musterstadt", first.value)
    assert not is_signed_in(visitor)


def test_a_rotated_key_is_fetched(visitor: FlaskClient, provider: LyingProvider) -> None:
    sign_in(visitor, provider)
    provider.key = ECKey.generate_key("P-256", auto_kid=True)

    assert sign_in(visitor, provider).location == "/angaben"


def test_forms_of_other_websites_do_nothing(visitor: FlaskClient, provider: LyingProvider) -> None:
    sign_in(visitor, provider)

    for path in ("/anmelden", "/abmelden", "/eheschliessung", "/sprache"):
        assert visitor.post(path).status_code == 400
        assert visitor.post(path, data={"csrf_token": "ü"}).status_code == 400
    assert is_signed_in(visitor)


def test_signing_out_goes_on_to_the_provider_with_the_id_token(
    visitor: FlaskClient, provider: LyingProvider
) -> None:
    provider.metadata = {"end_session_endpoint": f"{provider.issuer}/end"}
    sign_in(visitor, provider)

    there = urlsplit(post(visitor, "/abmelden").location)

    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{provider.issuer}/end"
    sent = parse_qs(there.query)
    assert sent["post_logout_redirect_uri"] == ["http://127.0.0.1/abgemeldet"]
    assert sent["id_token_hint"][0].count(".") == 2
    assert not is_signed_in(visitor)


def test_without_such_an_address_signing_out_ends_here(visitor: FlaskClient, provider: LyingProvider) -> None:
    sign_in(visitor, provider)

    assert post(visitor, "/abmelden").location == "/abgemeldet"
    assert not is_signed_in(visitor)


@pytest.mark.parametrize(
    "trouble", [{"status": 503}, {"metadata": {"issuer": "https://other.example"}}], ids=["down", "wrong"]
)
def test_whoever_signs_out_while_the_provider_is_not_there_is_signed_out_here_and_told_so(
    visitor: FlaskClient, provider: LyingProvider, tmp_path: Path, trouble: dict[str, Any]
) -> None:
    sign_in(visitor, provider)
    after_a_restart = visitor_of(settings_for(provider, tmp_path))
    cookie = visitor.get_cookie("musterstadt")
    assert cookie is not None
    after_a_restart.set_cookie("musterstadt", cookie.value)
    assert is_signed_in(after_a_restart)
    for name, value in trouble.items():
        setattr(provider, name, value)

    answer = post(after_a_restart, "/abmelden")

    assert answer.status_code == 303
    assert "Dort sind Sie vielleicht noch angemeldet" in after_a_restart.get(answer.location).text
    assert not is_signed_in(after_a_restart)
    assert not is_signed_in(visitor)


def test_over_https_cookies_are_bound_to_the_host(provider: LyingProvider, tmp_path: Path) -> None:
    visitor = visitor_of(settings_for(provider, tmp_path, "https://portal.example"))

    cookie = visitor.get("/", base_url="https://portal.example").headers["Set-Cookie"]

    assert cookie.startswith("__Host-musterstadt-weg=")
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie


@pytest.mark.parametrize("path", ["/", "/callback", "/abgemeldet", "/eheschliessung", "/nirgends"])
def test_every_page_has_the_headers(visitor: FlaskClient, provider: LyingProvider, path: str) -> None:
    headers = visitor.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert f"form-action 'self' {provider.issuer};" in policy
    assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
