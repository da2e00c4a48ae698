"""fapi2-security-profile-final-test-plan: how a client proves who it is (private_key_jwt)."""

import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.conformance.fapi import PAR, FapiWebsite
from tests.conformance.provider import Provider
from tests.conformance.refusals import assert_client_refused, assert_refused
from tests.conformance.tokens import now, payload_of, signed, unsigned


def claims_of(website: FapiWebsite) -> dict[str, Any]:
    return payload_of(str(website.assertion()["client_assertion"]))


def cut(website: FapiWebsite) -> str:
    """Its signature has lost its last signs."""
    return str(website.assertion()["client_assertion"])[:-4]


def with_a_secret(website: FapiWebsite) -> str:
    """As if the public key were a secret that both know."""
    assert website.client.key is not None
    secret = OctKey.import_key(json.dumps(website.client.key.as_dict(private=False)))
    return signed(claims_of(website), secret, alg="HS256", kid=website.client.key.thumbprint())


def by_another_ec_key(website: FapiWebsite) -> str:
    return with_(key=ECKey.generate_key("P-256"))(website)


def by_another_rsa_key(website: FapiWebsite) -> str:
    return with_(key=RSAKey.generate_key(2048), alg="PS256")(website)


def with_(**changes: Any) -> Callable[[FapiWebsite], str]:
    return lambda website: str(website.assertion(**changes)["client_assertion"])


WRONG: dict[str, Callable[[FapiWebsite], str]] = {
    "no issuer": with_(iss=None),
    "another issuer": with_(iss="somebody else"),
    "another subject": with_(sub="somebody else"),
    "no audience": with_(aud=None),
    "no end": with_(exp=None),
    "no name": with_(jti=None),
    "the end as text": with_(exp="tomorrow"),
    "signed by another EC key": by_another_ec_key,
    "signed by another RSA key": by_another_rsa_key,
    "signed by nobody": lambda website: unsigned(claims_of(website)),
    "signed with a secret": with_a_secret,
    "cut": cut,
    "no JWT": lambda _website: "not.an.assertion",
}


@pytest.fixture
def website(provider: Provider) -> FapiWebsite:
    return FapiWebsite(provider)


def assert_refused_everywhere(website: FapiWebsite, **assertion: Any) -> None:
    """At PAR and at the token endpoint alike."""
    visit = website.send(website.somebody())

    assert_client_refused(website.push(assertion=assertion).answer)
    assert_client_refused(website.redeem(visit, changes=website.assertion(**assertion)))


def test_fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint(website: FapiWebsite) -> None:
    visit = website.send(website.somebody())

    answer = website.redeem(visit, client_assertion=None, client_assertion_type=None)

    assert_refused(answer, "invalid_client", "invalid_request", status=(400, 401))


def test_fapi2_security_profile_final_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails(
    website: FapiWebsite,
) -> None:
    assert_refused_everywhere(website, exp=now() - 300, iat=now() - 360)


def test_fapi2_security_profile_final_ensure_client_assertion_with_wrong_aud_fails(
    website: FapiWebsite,
) -> None:
    assert_refused_everywhere(website, audience="https://elsewhere.example")


def test_fapi2_security_profile_final_ensure_client_assertion_with_no_sub_fails(website: FapiWebsite) -> None:
    assert_refused_everywhere(website, sub=None)


def test_fapi2_security_profile_final_ensure_signed_client_assertion_with_rs256_fails(
    website: FapiWebsite,
) -> None:
    """With a key that is registered: the algorithm is what is wrong."""
    assert_refused_everywhere(website, key=website.client.rsa_key, alg="RS256")


def test_fapi2_security_profile_final_par_test_array_as_audience_fails(website: FapiWebsite) -> None:
    assert_client_refused(website.push(assertion={"audience": [website.provider.issuer]}).answer)


def test_fapi2_security_profile_final_par_test_par_endpoint_url_as_audience_fails(
    website: FapiWebsite,
) -> None:
    assert_client_refused(website.push(assertion={"audience": website.provider.endpoint(PAR)}).answer)


def test_fapi2_security_profile_final_par_test_token_endpoint_url_as_audience_fails(
    website: FapiWebsite,
) -> None:
    assert_client_refused(website.push(assertion={"audience": website.provider.endpoint("token")}).answer)


def test_fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted(  # noqa: E501
    website: FapiWebsite,
) -> None:
    pushed = website.push(assertion={"nbf": now() + 8, "iat": now() + 8, "exp": now() + 68})

    assert pushed.request_uri


def test_fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails(  # noqa: E501
    website: FapiWebsite,
) -> None:
    pushed = website.push(assertion={"nbf": now() + 70, "exp": now() + 130})

    assert_client_refused(pushed.answer)


@pytest.mark.parametrize("name", WRONG)
def test_fapi2_security_profile_final_ensure_invalid_client_assertions_fail(
    website: FapiWebsite, name: str
) -> None:
    """A right one is accepted afterwards: it is the assertion that was wrong."""
    made = WRONG[name](website)

    answer = website.push(client_assertion=made).answer

    assert_refused(answer, "invalid_client", "invalid_request", status=(400, 401))
    assert website.push().request_uri


def test_an_assertion_is_good_once(website: FapiWebsite) -> None:
    """Of no module: RFC 7523 § 3, ``jti``."""
    jti = secrets.token_urlsafe(16)
    assert website.push(assertion={"jti": jti}).request_uri

    assert_client_refused(website.push(assertion={"jti": jti}).answer)
