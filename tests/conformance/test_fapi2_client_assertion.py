"""fapi2-security-profile-final-test-plan: how a client proves who it is (private_key_jwt)."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.conformance.fapi import PAR, FapiWebsite
from tests.conformance.provider import Provider
from tests.conformance.refusals import assert_client_refused, assert_refused
from tests.conformance.tokens import now


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


def test_fapi2_security_profile_final_ensure_client_assertion_with_iss_aud_succeeds(
    website: FapiWebsite,
) -> None:
    website.tokens(website.push(assertion={"audience": website.provider.issuer}).send(website.somebody()))


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


def test_an_assertion_is_good_once(website: FapiWebsite) -> None:
    """Of no module: RFC 7523 § 3, ``jti``."""
    assert website.push(assertion={"jti": "the same"}).request_uri

    assert_client_refused(website.push(assertion={"jti": "the same"}).answer)


def test_an_assertion_signed_by_somebody_else_is_refused(website: FapiWebsite) -> None:
    """Of no module."""
    assert_refused_everywhere(website, key=ECKey.generate_key("P-256"))
    assert_refused_everywhere(website, key=RSAKey.generate_key(2048), alg="PS256")
