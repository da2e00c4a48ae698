"""fapi2-security-profile-final-test-plan: tokens that are bound to a key (RFC 9449)."""

from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey

from tests.conformance.fapi import PAR, FapiWebsite
from tests.conformance.provider import Provider
from tests.conformance.refusals import assert_refused, assert_token_refused
from tests.conformance.tokens import dpop_proof, now, signed
from tests.conformance.website import Headers, Tokens, Visit

Changes = dict[str, Any]
MISMATCH = ("invalid_dpop_proof", "invalid_request", "invalid_grant")
WRONG: dict[str, Callable[[], Changes]] = {
    "another method": lambda: {"htm": "PATCH"},
    "another address": lambda: {"htu": "https://elsewhere.example/token"},
    "no method": lambda: {"htm": None},
    "no address": lambda: {"htu": None},
    "no jti": lambda: {"jti": None},
    "no time": lambda: {"iat": None},
    "too old": lambda: {"iat": now() - 3600},
    "not yet": lambda: {"iat": now() + 3600},
    "another type": lambda: {"typ": "JWT"},
}


@pytest.fixture
def website(provider: Provider) -> FapiWebsite:
    return FapiWebsite(provider)


def proof_for(website: FapiWebsite, endpoint: str, key: ECKey | None = None, **changes: Any) -> Headers:
    used = key or website.dpop_key
    assert used is not None
    return {"DPoP": dpop_proof(used, "POST", website.provider.endpoint(endpoint), **changes)}


def thumbprint(website: FapiWebsite) -> str:
    assert website.dpop_key is not None
    return website.dpop_key.thumbprint()


def ask_user_info(website: FapiWebsite, tokens: Tokens, **changes: Any) -> Any:
    url = website.provider.endpoint("userinfo")
    assert website.dpop_key is not None
    proof = dpop_proof(website.dpop_key, "GET", url, access_token=tokens.access, **changes)
    return website.provider.get(url, headers={"Authorization": f"DPoP {tokens.access}", "DPoP": proof})


def with_tokens(website: FapiWebsite) -> tuple[Visit, Tokens]:
    visit = website.send(website.somebody())
    return visit, website.tokens(visit)


@pytest.mark.parametrize("name", WRONG)
def test_fapi2_security_profile_final_dpop_negative_tests(website: FapiWebsite, name: str) -> None:
    """At the token endpoint and at UserInfo."""
    visit, tokens = website.send(website.somebody()), with_tokens(website)[1]

    answer = website.redeem(visit, headers=proof_for(website, "token", **WRONG[name]()))

    assert_refused(answer, "invalid_dpop_proof")
    assert_token_refused(ask_user_info(website, tokens, **WRONG[name]()))


def test_fapi2_security_profile_final_dpop_negative_tests_of_keys(website: FapiWebsite) -> None:
    key, other, url = (
        ECKey.generate_key("P-256"),
        ECKey.generate_key("P-256"),
        website.provider.endpoint("token"),
    )
    claims = {"htm": "POST", "htu": url, "iat": now(), "jti": "once"}
    forged = [
        signed(claims, key, typ="dpop+jwt", jwk=key.as_dict(private=True)),
        signed(claims, other, typ="dpop+jwt", jwk=key.as_dict(private=False)),
        "not.a.proof",
    ]

    for proof in forged:
        answer = website.redeem(website.send(website.somebody()), headers={"DPoP": proof})
        assert_refused(answer, "invalid_dpop_proof")


def test_fapi2_security_profile_final_dpop_negative_tests_of_the_access_token(website: FapiWebsite) -> None:
    """``ath`` is the hash of the token that comes along."""
    _visit, tokens = with_tokens(website)

    assert_token_refused(ask_user_info(website, tokens, ath=None))
    assert_token_refused(ask_user_info(website, tokens, ath="A" * 43))


def test_fapi2_security_profile_final_dpop_negative_tests_of_replay(website: FapiWebsite) -> None:
    _visit, tokens = with_tokens(website)
    jti = f"once, {now()}"
    assert ask_user_info(website, tokens, jti=jti).status_code == 200

    assert_token_refused(ask_user_info(website, tokens, jti=jti))


def test_fapi2_security_profile_final_check_dpop_proof_nbf_exp(website: FapiWebsite) -> None:
    """Claims that proofs need not have, and may."""
    visit = website.send(website.somebody())

    headers = proof_for(website, "token", nbf=now() - 5, exp=now() + 60)
    tokens = website.checked(website.redeem(visit, headers=headers), visit)

    assert ask_user_info(website, tokens, nbf=now() - 5, exp=now() + 60).status_code == 200


@pytest.mark.parametrize(
    "shift", [pytest.param(-10, id="10seconds-before"), pytest.param(10, id="10seconds-after")]
)
def test_fapi2_security_profile_final_ensure_dpopproof_with_iat_succeeds(
    website: FapiWebsite, shift: int
) -> None:
    """At PAR, token endpoint and UserInfo; one module for each direction."""
    pushed = website.push(headers=proof_for(website, PAR, iat=now() + shift))
    visit = pushed.send(website.somebody())

    tokens = website.checked(
        website.redeem(visit, headers=proof_for(website, "token", iat=now() + shift)), visit
    )

    assert ask_user_info(website, tokens, iat=now() + shift).status_code == 200


def test_fapi2_security_profile_final_ensure_dpopproof_at_par_endpoint_binding_success(
    website: FapiWebsite,
) -> None:
    visit = website.push(headers=proof_for(website, PAR)).send(website.somebody())

    website.user_info(website.tokens(visit))


def test_fapi2_security_profile_final_ensure_dpop_auth_code_binding_success(website: FapiWebsite) -> None:
    visit = website.push(dpop_jkt=thumbprint(website)).send(website.somebody())

    website.user_info(website.tokens(visit))


def test_fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails(website: FapiWebsite) -> None:
    """The parameter names another key than the proof beside it."""
    other = ECKey.generate_key("P-256").thumbprint()

    pushed = website.push(headers=proof_for(website, PAR), dpop_jkt=other)

    assert_refused(pushed.answer, "invalid_request", "invalid_dpop_proof")


def test_fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(
    website: FapiWebsite,
) -> None:
    visit = website.push(dpop_jkt=thumbprint(website)).send(website.somebody())

    answer = website.redeem(visit, headers=proof_for(website, "token", ECKey.generate_key("P-256")))

    assert_refused(answer, *MISMATCH)


def test_fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(
    website: FapiWebsite,
) -> None:
    visit = website.push(headers=proof_for(website, PAR)).send(website.somebody())

    answer = website.redeem(visit, headers=proof_for(website, "token", ECKey.generate_key("P-256")))

    assert_refused(answer, *MISMATCH)
