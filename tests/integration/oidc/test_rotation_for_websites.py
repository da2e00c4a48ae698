"""Websites go on working while the keys change."""

from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.oidc import keys
from tests.builders.oidc import Website, claims_in, code_for, create_website, userinfo
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")


def sign_in_there(client: PageClient, website: Website) -> dict[str, Any]:
    answer = website.exchange(client, code_for(client, website))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def published(client: PageClient) -> Any:
    return client.client.get("/oidc/jwks").get_json()


def kid_in(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


@pytest.mark.parametrize("algorithm", ["ES256", "PS256"])
def test_a_website_that_has_cached_the_keys_verifies_what_is_signed_after_a_rotation(
    client: PageClient, erika: Account, algorithm: str
) -> None:
    website = create_website(id_token_alg=algorithm)
    before, cached = sign_in_there(client, website), published(client)

    with scoped(SYSTEM):
        assert keys.rotate(at=clock.now())

    after = sign_in_there(client, website)
    assert kid_in(after["id_token"]) != kid_in(before["id_token"])
    assert claims_in(after["id_token"], cached, algorithm)["sub"]
    assert claims_in(before["id_token"], published(client), algorithm)["sub"]
    assert userinfo(client, before["access_token"]).status_code == 200


def test_a_code_from_before_the_rotation_is_exchanged_after_it(
    client: PageClient, website: Website, erika: Account
) -> None:
    code = code_for(client, website)

    with scoped(SYSTEM):
        assert keys.rotate(at=clock.now())

    token = website.exchange(client, code).get_json()["id_token"]
    assert claims_in(token, published(client))["aud"] == website.client.client_id


def test_what_was_signed_last_verifies_for_ninety_days(
    client: PageClient, website: Website, erika: Account
) -> None:
    token = sign_in_there(client, website)["id_token"]
    at = clock.now()

    with scoped(SYSTEM):
        keys.rotate(at=at)
        keys.ensure_keys(at=at + timedelta(days=89))

    assert kid_in(token) in {key["kid"] for key in published(client)["keys"]}
