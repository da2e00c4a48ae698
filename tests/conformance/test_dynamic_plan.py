"""oidcc-dynamic-certification-test-plan: the modules that need no dynamic registration."""

import pytest

from tests.conformance.clients import QUERY
from tests.conformance.conftest import Ageing
from tests.conformance.provider import Provider
from tests.conformance.test_basic_plan_codes import refresh
from tests.conformance.website import Website


def test_oidcc_redirect_uri_query_ok(provider: Provider) -> None:
    """What is registered with a query comes back with it."""
    website = Website(provider, "query")

    website.tokens(website.send(provider.stranger()))


def test_oidcc_redirect_uri_query_mismatch(provider: Provider) -> None:
    website = Website(provider, "query")
    agent, address = provider.stranger(), website.client.redirect_uri.partition("?")[0]

    for wrong in (f"{address}?foo=bar", f"{address}?{QUERY}8", f"{address}?{QUERY}&{QUERY}", address):
        assert website.send(agent, redirect_uri=wrong).page.status == 400


def test_oidcc_redirect_uri_query_added(website: Website) -> None:
    visit = website.send(website.somebody(), redirect_uri=f"{website.client.redirect_uri}?foo=bar")

    assert visit.page.status == 400


def test_oidcc_ensure_redirect_uri_in_authorization_request(website: Website) -> None:
    """Also when there would be only one to choose from (FAPI 2.0 § 5.3.2.2)."""
    visit = website.send(website.somebody(), redirect_uri=None)

    assert visit.page.status == 400


def test_oidcc_ensure_client_assertion_with_iss_aud_succeeds(provider: Provider) -> None:
    provider.needs("token_endpoint_auth_methods_supported", "private_key_jwt")
    website = Website(provider, "keys")

    website.tokens(website.send(provider.stranger()))


def test_oidcc_server_rotate_keys(provider: Provider) -> None:
    """There is a new key, the old one is still there. Websites notice nothing: what was signed before is
    right, what is signed after is right too, and by another key.
    """
    website, agent = Website(provider), provider.stranger()
    before, old = provider.published_keys(), website.tokens(website.send(agent))

    provider.rotate_keys()

    after, new = provider.published_keys(), website.tokens(website.send(agent))
    assert _names(before) < _names(after)
    assert {old.header["kid"], new.header["kid"]} <= _names(after)
    assert old.header["kid"] != new.header["kid"]
    assert website.checked_id_token(old.id_token, access_token=old.access)
    assert website.send(agent, prompt="none", id_token_hint=old.id_token).code
    assert website.user_info(old)["sub"] == new.claims["sub"]


@pytest.mark.slow
def test_oidcc_refresh_token_rp_key_rotation(ageing: Ageing, provider: Provider) -> None:
    """The website has other keys than when it got its token."""
    provider.needs("token_endpoint_auth_methods_supported", "private_key_jwt")
    provider.needs("grant_types_supported", "refresh_token")
    made = ageing.with_new_keys(Website(provider, "new-keys"))
    website, visit, tokens = made

    ageing.wait_until_old(made, seconds=62)

    refreshed = website.checked(refresh(website, tokens), visit, is_refreshed=True)
    assert website.user_info(refreshed)["sub"] == tokens.claims["sub"]


def _names(keys: list[dict[str, str]]) -> set[str]:
    return {key["kid"] for key in keys}
