"""fapi2-security-profile-final-test-plan: the flow as a whole, its parameters and its codes."""

import json
import time

import pytest

from tests.conformance.conftest import Ageing
from tests.conformance.fapi import PAR, FapiWebsite, assert_not_accepted
from tests.conformance.provider import CONSENT, Provider
from tests.conformance.refusals import assert_refused, assert_token_refused
from tests.conformance.test_basic_plan_codes import refresh, refreshable
from tests.conformance.tokens import challenge_of, entropy_of

NOT_SUPPORTED = ("unsupported_response_type", "invalid_request", "unauthorized_client")


@pytest.fixture
def website(provider: Provider) -> FapiWebsite:
    return FapiWebsite(provider)


def test_fapi2_security_profile_final_discovery_end_point_verification(website: FapiWebsite) -> None:
    found = website.provider.metadata

    assert found["authorization_response_iss_parameter_supported"] is True
    assert {"private_key_jwt"} <= set(found["token_endpoint_auth_methods_supported"])
    assert {"ES256"} <= set(found["dpop_signing_alg_values_supported"])
    assert {"S256"} <= set(found["code_challenge_methods_supported"])
    assert "plain" not in found["code_challenge_methods_supported"]
    assert {"ES256", "PS256"} & set(found["token_endpoint_auth_signing_alg_values_supported"])
    assert "none" not in found["token_endpoint_auth_signing_alg_values_supported"]
    assert "authorization_code" in found["grant_types_supported"]
    assert website.provider.endpoint(PAR).startswith("https://")


def test_fapi2_security_profile_final_happy_flow(website: FapiWebsite) -> None:
    pushed = website.push()

    tokens = website.tokens(pushed.send(website.somebody()))

    assert 5 <= pushed.lifetime <= 600
    assert entropy_of(pushed.request_uri.rpartition(":")[2]) >= 96
    assert "no-store" in pushed.answer.headers["Cache-Control"]
    assert tokens.header["alg"] in {"ES256", "PS256", "EdDSA"}
    assert website.user_info(tokens)


def test_fapi2_security_profile_final_user_rejects_authentication(website: FapiWebsite) -> None:
    visit = website.send(website.somebody(), prompt="consent", deny=True)

    assert CONSENT in visit.shown
    assert visit.error == "access_denied"


def test_fapi2_security_profile_final_ensure_authorization_request_without_state_success(
    website: FapiWebsite,
) -> None:
    visit = website.send(website.somebody(), state=None)

    assert "state" not in visit.back
    website.tokens(visit)


def test_fapi2_security_profile_final_ensure_authorization_request_without_nonce_success(
    website: FapiWebsite,
) -> None:
    assert "nonce" not in website.tokens(website.send(website.somebody(), nonce=None)).claims


def test_fapi2_security_profile_final_ensure_authorization_request_with_64_char_nonce_success(
    website: FapiWebsite,
) -> None:
    assert website.tokens(website.send(website.somebody(), nonce="n" * 64)).claims["nonce"] == "n" * 64


def test_fapi2_security_profile_final_ensure_authorization_request_with_long_nonce(
    website: FapiWebsite,
) -> None:
    """384 characters: it works, or the request is refused, but it is never cut."""
    pushed = website.push(nonce="n" * 384)

    if pushed.answer.status_code == 201:
        website.tokens(pushed.send(website.somebody()))
    else:
        assert_refused(pushed.answer, "invalid_request")


def test_fapi2_security_profile_final_ensure_authorization_request_with_long_state(
    website: FapiWebsite,
) -> None:
    pushed = website.push(state="s" * 384)

    if pushed.answer.status_code == 201:
        website.tokens(pushed.send(website.somebody()))
    else:
        assert_refused(pushed.answer, "invalid_request")


def test_fapi2_security_profile_final_ensure_other_scope_order_succeeds(website: FapiWebsite) -> None:
    website.provider.needs("scopes_supported", "email")

    website.tokens(website.send(website.somebody(), scope="email openid"))


def test_fapi2_security_profile_final_test_claims_parameter_identity_claims(website: FapiWebsite) -> None:
    """What is known and asked for one by one comes, where it was asked for: the same in both places."""
    website.provider.needs("claims_parameter_supported")
    known = sorted(website.provider.known_claims)
    wanted = dict.fromkeys(known)

    visit = website.send(website.somebody(), claims=json.dumps({"id_token": wanted, "userinfo": wanted}))
    tokens = website.tokens(visit)
    found = website.user_info(tokens)

    assert set(known) <= set(website.provider.metadata["claims_supported"])
    assert {name: tokens.claims[name] for name in known} == {name: found[name] for name in known}


def test_fapi2_security_profile_final_access_token_type_header_case_sensitivity(
    website: FapiWebsite,
) -> None:
    tokens = website.tokens(website.send(website.somebody()))
    url = website.provider.endpoint("userinfo")

    for scheme in ("dpop", "DPOP", "DpOp"):
        headers = website.bearer(tokens.access, "GET", url)
        headers["Authorization"] = f"{scheme} {tokens.access}"
        website.checked_user_info(website.provider.get(url, headers=headers), tokens)


def test_fapi2_security_profile_final_ensure_response_type_code_idtoken_fails(website: FapiWebsite) -> None:
    assert_refused(website.push(response_type="code id_token").answer, *NOT_SUPPORTED)


def test_fapi2_security_profile_final_ensure_response_type_token_fails(website: FapiWebsite) -> None:
    assert_refused(website.push(response_type="token").answer, *NOT_SUPPORTED)


def test_fapi2_security_profile_final_ensure_redirect_uri_in_authorization_request(
    website: FapiWebsite,
) -> None:
    assert_refused(website.push(redirect_uri=None).answer, "invalid_request")


def test_fapi2_security_profile_final_plain_fapi_tolerate_unregistered_redirect_uri(
    website: FapiWebsite,
) -> None:
    """The profile lets a provider take them with PAR. None of these does."""
    answer = website.push(redirect_uri=f"{website.client.redirect_uri}/other").answer

    assert_refused(answer, "invalid_request", "invalid_redirect_uri")


def test_fapi2_security_profile_final_ensure_unsigned_authorization_request_without_using_par_fails(
    website: FapiWebsite,
) -> None:
    agent, challenge = website.somebody(), challenge_of("v" * 43)
    request = website.parameters(code_challenge=challenge, code_challenge_method="S256")

    step = agent.open(website.provider.endpoint("authorization"), request)

    assert_not_accepted(website.follow(agent, step, request))


def test_fapi2_security_profile_final_ensure_pkce_code_verifier_required(website: FapiWebsite) -> None:
    visit = website.send(website.somebody())

    assert_refused(website.redeem(visit, code_verifier=None), "invalid_grant")


def test_fapi2_security_profile_final_incorrect_pkce_code_verifier_rejected(website: FapiWebsite) -> None:
    visit = website.send(website.somebody())

    assert_refused(website.redeem(visit, code_verifier="w" * 43), "invalid_grant")


def test_fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client(
    website: FapiWebsite,
) -> None:
    visit, other = website.send(website.somebody()), FapiWebsite(website.provider, "fapi-second")

    assert_refused(other.redeem(visit), "invalid_grant")


def test_fapi2_security_profile_final_ensure_client_id_in_token_endpoint(website: FapiWebsite) -> None:
    """Of somebody else, beside an assertion: refused."""
    visit = website.send(website.somebody())
    other = website.provider.client("fapi-second")

    answer = website.redeem(visit, client_id=other.client_id)

    assert_refused(answer, "invalid_client", "invalid_request", "invalid_grant", status=(400, 401))


def test_fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second(
    website: FapiWebsite,
) -> None:
    visit = website.send(website.somebody())
    tokens = website.tokens(visit)
    url = website.provider.endpoint("userinfo")
    time.sleep(1)

    assert_refused(website.redeem(visit), "invalid_grant")
    assert_token_refused(website.provider.get(url, headers=website.bearer(tokens.access, "GET", url)))


def test_fapi2_security_profile_final_ensure_holder_of_key_required(website: FapiWebsite) -> None:
    """A bound token is nothing without its key, as a bearer token neither."""
    visit = website.send(website.somebody())
    tokens = website.tokens(visit)
    url = website.provider.endpoint("userinfo")

    without_proof = website.redeem(website.send(website.somebody()), headers={"DPoP": ""})
    as_bearer = website.provider.get(url, headers={"Authorization": f"Bearer {tokens.access}"})
    only_token = website.provider.get(url, headers={"Authorization": f"DPoP {tokens.access}"})

    assert_refused(without_proof, "invalid_dpop_proof", "invalid_request", "invalid_grant")
    assert_token_refused(as_bearer)
    assert_token_refused(only_token, status=(400, 401))


def test_fapi2_security_profile_final_refresh_token(website: FapiWebsite) -> None:
    """Rotated or not, nobody uses it without being the client and having the key."""
    visit, first = refreshable(website)

    without_key = refresh(website, first, headers={"DPoP": ""})
    by_nobody = refresh(website, first, client_assertion=None, client_assertion_type=None)
    second = website.checked(refresh(website, first), visit, is_refreshed=True)
    other = FapiWebsite(website.provider, "fapi-second")

    assert_refused(without_key, "invalid_dpop_proof", "invalid_request", "invalid_grant")
    assert_refused(by_nobody, "invalid_client", "invalid_request", status=(400, 401))
    assert website.user_info(second)["sub"] == first.claims["sub"]
    assert_refused(refresh(other, second if second.refresh else first), "invalid_grant")


@pytest.mark.slow
def test_fapi2_security_profile_final_ensure_token_endpoint_fails_with_expired_auth_code(
    ageing: Ageing, provider: Provider
) -> None:
    """60 seconds are the most that the profile lets a code live."""
    visit = ageing.unused(FapiWebsite(provider))

    ageing.wait_until_old(visit, seconds=62)

    assert_refused(visit.website.redeem(visit), "invalid_grant")
