"""The websites of the demonstration, by what is printed about them."""

from joserfc.jwk import ECKey

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import clients
from servicekonto.operations.demo import websites
from tests.builders.oidc import Website
from tests.builders.signed import ASSERTION_TYPE, assertion
from tests.support.client import PageClient


def test_each_can_prove_who_it_is_with_what_is_printed(client: PageClient) -> None:
    with unit_of_work():
        websites.register_all(at=clock.now())

    for shown in websites.shown():
        website = Website(clients.named(shown["client_id"]), shown["client_secret"] or "")
        given = {}
        if shown["private_key_jwk"]:
            key = ECKey.import_key(shown["private_key_jwk"])
            given = {
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion(shown["client_id"], key),
            }
        if shown["token_endpoint_auth_method"] == "client_secret_basic":
            answer = client.client.post(
                "/oidc/token",
                data={"grant_type": "authorization_code", "code": "x"},
                auth=(shown["client_id"], shown["client_secret"]),
            )
        else:
            answer = website.exchange(client, "x", **given)
        assert answer.get_json()["error"] == "invalid_grant", shown["client_id"]


def test_their_keys_are_the_same_every_time() -> None:
    assert websites.shown() == websites.shown()
