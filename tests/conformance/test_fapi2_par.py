"""fapi2-security-profile-final-test-plan: pushed authorization requests (RFC 9126)."""

import pytest

from tests.conformance.conftest import Ageing
from tests.conformance.fapi import PAR, FapiWebsite, assert_not_accepted
from tests.conformance.provider import Provider
from tests.conformance.refusals import assert_refused
from tests.conformance.user_agent import Callback, Page
from tests.conformance.website import Visit


@pytest.fixture
def website(provider: Provider) -> FapiWebsite:
    return FapiWebsite(provider)


def test_fapi2_security_profile_final_par_attempt_reuse_request_uri(website: FapiWebsite) -> None:
    agent, pushed = website.somebody(), website.push()
    assert pushed.send(agent).code

    assert_not_accepted(pushed.send(agent))


def test_fapi2_security_profile_final_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(
    website: FapiWebsite,
) -> None:
    """Whoever loads the page of sign-in again is not sent away."""
    agent, pushed = website.provider.stranger(), website.push()
    parameters = {"client_id": website.client.client_id, "request_uri": pushed.request_uri}
    first = agent.open(website.provider.endpoint("authorization"), parameters)
    assert isinstance(first, Page)

    website.tokens(pushed.send(agent))


def test_fapi2_security_profile_final_par_attempt_to_use_request_uri_for_different_client(
    website: FapiWebsite,
) -> None:
    other = website.provider.client("fapi-second")

    visit = website.push().send(website.somebody(), client_id=other.client_id)

    assert_not_accepted(visit)


def test_fapi2_security_profile_final_par_authorization_request_containing_request_uri_form_param(
    website: FapiWebsite,
) -> None:
    answer = website.push(request_uri="urn:ietf:params:oauth:request_uri:abc").answer

    assert_refused(answer, "invalid_request", "request_uri_not_supported")


def test_fapi2_security_profile_final_par_attempt_invalid_http_method(website: FapiWebsite) -> None:
    url = website.provider.endpoint(PAR)
    data, headers = website.authentication()

    for method in ("GET", "PUT"):
        answer = website.provider.request(method, url, data=data, headers=headers)
        assert answer.status_code in {404, 405}


def test_fapi2_security_profile_final_par_ensure_pkce_required(website: FapiWebsite) -> None:
    answer = website.push(code_challenge=None, code_challenge_method=None).answer

    assert_refused(answer, "invalid_request")


def test_fapi2_security_profile_final_par_plain_pkce_rejected(website: FapiWebsite) -> None:
    answer = website.push(code_challenge="v" * 43, code_challenge_method="plain").answer

    assert_refused(answer, "invalid_request")


def test_fapi2_security_profile_final_par_without_duplicate_parameters(website: FapiWebsite) -> None:
    """The browser takes along nothing but the client and the reference."""
    visit = website.push().send(website.somebody())

    website.tokens(visit)


def test_fapi2_security_profile_final_ensure_different_nonce_inside_and_outside_request_object(
    website: FapiWebsite,
) -> None:
    """What was pushed counts, or there is an error."""
    visit = website.push().send(website.somebody(), nonce="another")

    assert_only_pushed_counts(visit)


def test_fapi2_security_profile_final_ensure_different_state_inside_and_outside_request_object(
    website: FapiWebsite,
) -> None:
    visit = website.push().send(website.somebody(), state="another")

    assert_only_pushed_counts(visit)


def test_fapi2_security_profile_final_state_only_outside_request_object_not_used(
    website: FapiWebsite,
) -> None:
    visit = website.push(state=None).send(website.somebody(), state="from outside")

    assert_only_pushed_counts(visit)


def test_fapi2_security_profile_final_ensure_request_object_without_redirect_uri_fails(
    website: FapiWebsite,
) -> None:
    """One beside the reference does not make up for it."""
    pushed = website.push(redirect_uri=None)
    if pushed.answer.status_code != 201:
        assert_refused(pushed.answer, "invalid_request", "invalid_request_object")
        return

    visit = pushed.send(website.somebody(), redirect_uri=website.client.redirect_uri)

    assert_not_accepted(visit)


def assert_only_pushed_counts(visit: Visit) -> None:
    """``tokens`` and ``code`` compare with what was pushed."""
    if isinstance(visit.end, Callback) and "code" in dict(visit.end.parameters):
        visit.website.tokens(visit)
    else:
        assert_not_accepted(visit)


@pytest.mark.slow
def test_fapi2_security_profile_final_par_attempt_to_use_expired_request_uri(
    ageing: Ageing, provider: Provider
) -> None:
    pushed = ageing.pushed(FapiWebsite(provider))

    ageing.wait_until_old(pushed, seconds=pushed.lifetime + 2)

    assert_not_accepted(pushed.send(pushed.website.somebody()))
