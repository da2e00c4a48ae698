"""Whatever stands where a signed text belongs: never an error of ours."""

import pytest

from tests.builders.oidc import Website, create_website
from tests.builders.signed import BYTES, jwks_of, key_for
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def with_keys() -> Website:
    return create_website(jwks=jwks_of(key_for("ES256"), key_for("PS256"), key_for("EdDSA")))


@pytest.mark.parametrize("name", ["request", "id_token_hint", "claims"])
@pytest.mark.parametrize("text", BYTES)
def test_at_the_authorization_endpoint(client: PageClient, with_keys: Website, name: str, text: str) -> None:
    asked = with_keys.parameters(**{name: text})

    assert client.client.get("/oidc/authorize", query_string=asked).status_code in {303, 400}


@pytest.mark.parametrize("name", ["request", "id_token_hint", "dpop_jkt"])
@pytest.mark.parametrize("text", BYTES)
def test_in_a_pushed_request(client: PageClient, with_keys: Website, name: str, text: str) -> None:
    sent = with_keys.parameters(client_secret=with_keys.secret, **{name: text})

    assert with_keys.post(client, "/oidc/par", **sent).status_code in {201, 400}


@pytest.mark.parametrize("text", [text for text in BYTES if text.isascii() and "\0" not in text])
def test_as_an_access_token(client: PageClient, text: str) -> None:
    for scheme in ("Bearer", "DPoP"):
        headers = {"Authorization": f"{scheme} {text}", "DPoP": text}
        assert client.client.get("/oidc/userinfo", headers=headers).status_code == 401


@pytest.mark.parametrize("text", BYTES)
def test_as_a_token_that_is_asked_about_given_back_or_refreshed(
    client: PageClient, with_keys: Website, text: str
) -> None:
    assert with_keys.introspect(client, text).status_code in {200, 400}
    assert with_keys.revoke(client, text).status_code in {200, 400}
    assert with_keys.refresh(client, text).status_code == 400
