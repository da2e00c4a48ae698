"""oidcc-rp-initiated-logout-certification-test-plan: a website signs its visitor out."""

import pytest
from joserfc.jwk import ECKey

from tests.conformance.provider import Provider
from tests.conformance.signing_out import (
    Departure,
    assert_led_back,
    assert_stays,
    somebody_about_to_leave,
)
from tests.conformance.test_config_plan import test_oidcc_discovery_endpoint_verification as assert_discovery
from tests.conformance.tokens import payload_of, signed, unsigned
from tests.conformance.website import Website


@pytest.fixture
def departure(provider: Provider) -> Departure:
    provider.endpoint("end_session")
    return somebody_about_to_leave(Website(provider, "logout"))


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(provider: Provider) -> None:
    assert_discovery(provider)

    assert "end_session_endpoint" in provider.metadata


def test_oidcc_rp_initiated_logout(departure: Departure) -> None:
    sent = departure.complete()
    assert len(sent["state"]) == 128

    step = departure.sign_out(**sent)

    assert_led_back(step, departure.website, state=sent["state"])
    assert departure.is_over


def test_oidcc_rp_initiated_logout_no_state(departure: Departure) -> None:
    sent = departure.complete()
    del sent["state"]

    step = departure.sign_out(**sent)

    assert_led_back(step, departure.website, state=None)
    assert departure.is_over


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(departure: Departure) -> None:
    step = departure.sign_out(
        **departure.complete(post_logout_redirect_uri="https://elsewhere.example/signed-out")
    )

    assert_stays(step)


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(departure: Departure) -> None:
    uri = f"{departure.website.client.post_logout_redirect_uri}?foo=bar"

    assert_stays(departure.sign_out(**departure.complete(post_logout_redirect_uri=uri)))


def test_oidcc_rp_initiated_logout_modified_id_token_hint(departure: Departure) -> None:
    hint = unsigned(payload_of(departure.tokens.id_token))

    assert_stays(departure.sign_out(**departure.complete(id_token_hint=hint)))


def test_oidcc_rp_initiated_logout_bad_id_token_hint(departure: Departure) -> None:
    """Right in all but its signature, which is by another key."""
    hint = signed(payload_of(departure.tokens.id_token), ECKey.generate_key("P-256"))

    assert_stays(departure.sign_out(**departure.complete(id_token_hint=hint)))


def test_oidcc_rp_initiated_logout_no_id_token_hint(departure: Departure) -> None:
    sent = departure.complete()
    del sent["id_token_hint"]

    assert_stays(departure.sign_out(**sent))


def test_oidcc_rp_initiated_logout_no_params(departure: Departure) -> None:
    assert_stays(departure.sign_out(), status=(200,))
    assert departure.is_over


def test_oidcc_rp_initiated_logout_only_state(departure: Departure) -> None:
    assert_stays(departure.sign_out(state="abc"), status=(200,))
    assert departure.is_over


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(departure: Departure) -> None:
    sent = departure.complete()
    del sent["post_logout_redirect_uri"]

    assert_stays(departure.sign_out(**sent), status=(200,))
    assert departure.is_over
