"""oidcc-dynamic-certification-test-plan: the modules that need no dynamic registration."""

from tests.conformance.website import Website


def test_oidcc_redirect_uri_query_added(website: Website) -> None:
    visit = website.send(website.somebody(), redirect_uri=f"{website.client.redirect_uri}?foo=bar")

    assert visit.page.status == 400


def test_oidcc_ensure_redirect_uri_in_authorization_request(website: Website) -> None:
    """Also when there would be only one to choose from (FAPI 2.0 § 5.3.2.2)."""
    visit = website.send(website.somebody(), redirect_uri=None)

    assert visit.page.status == 400
