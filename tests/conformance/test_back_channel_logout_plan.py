"""oidcc-backchannel-rp-initiated-logout-certification-test-plan: websites are told of it, too."""

from urllib.parse import urlsplit

from tests.conformance.provider import Provider
from tests.conformance.receiver import Receiver
from tests.conformance.signing_out import assert_led_back, somebody_about_to_leave
from tests.conformance.test_config_plan import test_oidcc_discovery_endpoint_verification as assert_discovery
from tests.conformance.tokens import now, verified
from tests.conformance.website import SKEW, Website

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def test_oidcc_backchannel_logout_discovery_endpoint_verification(provider: Provider) -> None:
    assert_discovery(provider)

    assert provider.metadata["backchannel_logout_supported"] is True
    assert provider.metadata["backchannel_logout_session_supported"] is True
    assert "end_session_endpoint" in provider.metadata


def test_oidcc_backchannel_rp_initiated_logout(provider: Provider, receiver: Receiver) -> None:
    provider.needs("backchannel_logout_supported")
    website = Website(provider, "back-channel")
    departure = somebody_about_to_leave(website)
    sent, told_before = departure.complete(), len(receiver.posted)

    step = departure.sign_out(**sent)
    path = urlsplit(website.client.backchannel_logout_uri).path
    posted = receiver.wait_for(path, after=told_before)

    assert_led_back(step, website, state=sent["state"])
    assert departure.is_over
    assert posted.content_type == "application/x-www-form-urlencoded"
    assert set(posted.fields) == {"logout_token"}
    header, claims = verified(posted.fields["logout_token"], provider.key_set())
    assert header.get("typ", "logout+jwt").lower() in {"logout+jwt", "jwt"}
    assert claims["iss"] == provider.issuer
    assert claims["aud"] in (website.client.client_id, [website.client.client_id])
    assert abs(claims["iat"] - now()) < SKEW
    assert claims["exp"] > now()
    assert claims["jti"]
    assert claims["events"] == {EVENT: {}}
    assert "nonce" not in claims
    assert claims["sid"] == departure.tokens.claims["sid"]
    assert claims.get("sub", departure.tokens.claims["sub"]) == departure.tokens.claims["sub"]
