"""fapi2-security-profile-final-test-plan: tokens that are bound to a key (RFC 9449)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey
from urllib3 import HTTPHeaderDict, PoolManager

from tests.conformance.fapi import PAR, FapiWebsite
from tests.conformance.provider import Provider
from tests.conformance.refusals import assert_refused, assert_token_refused
from tests.conformance.tokens import base64url, dpop_proof, now, payload_of, signed, unsigned
from tests.conformance.website import Headers, Tokens, Visit

MISMATCH = ("invalid_dpop_proof", "invalid_request", "invalid_grant")


@dataclass(frozen=True)
class Occasion:
    """``access_token``: at UserInfo."""

    key: ECKey
    method: str
    url: str
    access_token: str | None = None

    def proof(self, **changes: Any) -> str:
        return dpop_proof(self.key, self.method, self.url, access_token=self.access_token, **changes)

    @property
    def claims(self) -> dict[str, Any]:
        return payload_of(self.proof())

    @property
    def public(self) -> dict[str, Any]:
        return dict(self.key.as_dict(private=False))


def by_another_key(occasion: Occasion) -> str:
    """Its header says that it is by ours."""
    return signed(occasion.claims, ECKey.generate_key("P-256"), typ="dpop+jwt", jwk=occasion.public)


def with_a_secret(occasion: Occasion) -> str:
    key = OctKey.generate_key(256)
    return signed(occasion.claims, key, alg="HS256", typ="dpop+jwt", jwk=key.as_dict())


def without_algorithm(occasion: Occasion) -> str:
    _header, claims, signature = occasion.proof().split(".")
    header = json.dumps({"typ": "dpop+jwt", "jwk": occasion.public})
    return f"{base64url(header.encode())}.{claims}.{signature}"


WRONG: dict[str, Callable[[Occasion], str]] = {
    "another method": lambda occasion: occasion.proof(htm="PUT"),
    "another address": lambda occasion: occasion.proof(htu="https://elsewhere.example/token"),
    "no method": lambda occasion: occasion.proof(htm=None),
    "no address": lambda occasion: occasion.proof(htu=None),
    "no jti": lambda occasion: occasion.proof(jti=None),
    "no time": lambda occasion: occasion.proof(iat=None),
    "an hour old": lambda occasion: occasion.proof(iat=now() - 3600),
    "an hour early": lambda occasion: occasion.proof(iat=now() + 3600),
    "another type": lambda occasion: occasion.proof(typ="JWT"),
    "no type": lambda occasion: occasion.proof(typ=None),
    "no key": lambda occasion: occasion.proof(jwk=None),
    "with the private key": lambda occasion: occasion.proof(jwk=occasion.key.as_dict(private=True)),
    "no algorithm": without_algorithm,
    "signed by nobody": lambda of: unsigned(of.claims, typ="dpop+jwt", jwk=of.public),
    "signed with a secret": with_a_secret,
    "signed by another key": by_another_key,
    "cut": lambda occasion: occasion.proof()[:-4],
    "no JWT": lambda _occasion: "not.a.proof",
}
WRONG_WITH_TOKEN: dict[str, Callable[[Occasion], str]] = {
    "no hash": lambda occasion: occasion.proof(ath=None),
    "another hash": lambda occasion: occasion.proof(ath="A" * 43),
    "of another key": lambda occasion: replace(occasion, key=ECKey.generate_key("P-256")).proof(),
}
"""``ath`` is the hash of the token that comes along."""
RIGHT: dict[str, Callable[[Occasion], str]] = {
    "usual": lambda occasion: occasion.proof(),
    "a query and a fragment": lambda occasion: occasion.proof(htu=f"{occasion.url}?foo=bar#baz"),
    "further claims": lambda occasion: occasion.proof(extra="ignored", header={"extra": "ignored"}),
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


def at_user_info(website: FapiWebsite, tokens: Tokens) -> Occasion:
    assert website.dpop_key is not None
    return Occasion(website.dpop_key, "GET", website.provider.endpoint("userinfo"), tokens.access)


def ask_with(website: FapiWebsite, tokens: Tokens, *proofs: str) -> int:
    """The status of UserInfo's answer. Two proofs come as two headers."""
    headers = HTTPHeaderDict({"Authorization": f"DPoP {tokens.access}"})
    for proof in proofs:
        headers.add("DPoP", proof)
    with PoolManager(ca_certs=str(website.provider.tls.authority)) as pool:
        return pool.request("GET", website.provider.endpoint("userinfo"), headers=headers).status


@pytest.mark.parametrize("name", WRONG)
def test_fapi2_security_profile_final_dpop_negative_tests(website: FapiWebsite, name: str) -> None:
    """At the token endpoint and at UserInfo. With a right proof the token works."""
    visit, tokens = website.send(website.somebody()), with_tokens(website)[1]
    assert website.dpop_key is not None
    at_token = Occasion(website.dpop_key, "POST", website.provider.endpoint("token"))

    answer = website.redeem(visit, headers={"DPoP": WRONG[name](at_token)})

    assert_refused(answer, "invalid_dpop_proof")
    assert ask_with(website, tokens, WRONG[name](at_user_info(website, tokens))) in {400, 401}
    assert website.user_info(tokens)


@pytest.mark.parametrize("name", WRONG_WITH_TOKEN)
def test_fapi2_security_profile_final_dpop_negative_tests_of_the_access_token(
    website: FapiWebsite, name: str
) -> None:
    _visit, tokens = with_tokens(website)
    proof = WRONG_WITH_TOKEN[name](at_user_info(website, tokens))
    url = website.provider.endpoint("userinfo")

    answer = website.provider.get(url, headers={"Authorization": f"DPoP {tokens.access}", "DPoP": proof})

    assert_token_refused(answer)
    assert website.user_info(tokens)


def test_fapi2_security_profile_final_dpop_negative_tests_of_two_proofs(website: FapiWebsite) -> None:
    _visit, tokens = with_tokens(website)
    occasion = at_user_info(website, tokens)

    assert ask_with(website, tokens, occasion.proof(), occasion.proof()) in {400, 401}


@pytest.mark.parametrize("name", RIGHT)
def test_fapi2_security_profile_final_dpop_negative_tests_of_what_is_right(
    website: FapiWebsite, name: str
) -> None:
    """Part of the module: RFC 9449 § 4.3, § 7.2."""
    _visit, tokens = with_tokens(website)

    assert ask_with(website, tokens, RIGHT[name](at_user_info(website, tokens))) == 200


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


def test_fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_before_succeeds(
    website: FapiWebsite,
) -> None:
    assert_accepted(website, shift=-10)


def test_fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_after_succeeds(
    website: FapiWebsite,
) -> None:
    assert_accepted(website, shift=10)


def assert_accepted(website: FapiWebsite, *, shift: int) -> None:
    """At PAR, token endpoint and UserInfo."""
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
