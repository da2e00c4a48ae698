"""UserInfo as a JWT, and ID tokens that only their website can read."""

from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from servicekonto.accounts.models import Account
from servicekonto.core.errors import InvalidInputError
from servicekonto.oidc import keys
from servicekonto.oidc.client_models import ContentEncryption, IdTokenAlg, KeyAgreement
from tests.builders.oidc import ISSUER, claims_in, create_website, offline_tokens, tokens_for, userinfo
from tests.support.client import PageClient

P256, P384 = ECKey.generate_key("P-256"), ECKey.generate_key("P-384")
RSA = RSAKey.generate_key(2048)
PAIRS = [
    (P256, KeyAgreement.ECDH_ES, ContentEncryption.A128CBC_HS256),
    (P384, KeyAgreement.ECDH_ES, ContentEncryption.A256GCM),
    (P256, KeyAgreement.ECDH_ES_A256KW, ContentEncryption.A256GCM),
    (RSA, KeyAgreement.RSA_OAEP_256, ContentEncryption.A128CBC_HS256),
]


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def jwks(key: ECKey | RSAKey, **members: Any) -> dict[str, Any]:
    return {"keys": [{**key.as_dict(private=False), "kid": "for-encryption", **members}]}


@pytest.mark.parametrize("algorithm", list(IdTokenAlg))
def test_a_website_may_get_userinfo_signed(client: PageClient, erika: Account, algorithm: IdTokenAlg) -> None:
    website = create_website(userinfo_signed_response_alg=algorithm)
    tokens = tokens_for(client, website, "openid email")

    answer = userinfo(client, tokens["access_token"])

    assert answer.content_type == "application/jwt"
    assert answer.headers["Cache-Control"] == "no-store"
    claims = claims_in(answer.text, keys.public_jwks(), algorithm)
    assert (claims["iss"], claims["aud"]) == (ISSUER, website.client.client_id)
    assert claims["email"] == "erika@example.org"
    assert claims["sub"] == claims_in(tokens["id_token"], keys.public_jwks())["sub"]


@pytest.mark.parametrize(("key", "agreement", "content"), PAIRS)
def test_only_the_website_can_read_its_id_tokens(
    client: PageClient,
    erika: Account,
    key: ECKey | RSAKey,
    agreement: KeyAgreement,
    content: ContentEncryption,
) -> None:
    website = create_website(
        offline_access=True,
        jwks=jwks(key, use="enc"),
        id_token_encrypted_response_alg=agreement,
        id_token_encrypted_response_enc=content,
    )

    first = offline_tokens(client, website)
    second = website.refresh(client, first["refresh_token"]).get_json()

    for tokens in (first, second):
        opened = jwe.decrypt_compact(tokens["id_token"], key, algorithms=[agreement.value, content.value])
        assert opened.headers() == {
            "alg": agreement.value,
            "enc": content.value,
            "kid": "for-encryption",
            "cty": "JWT",
        } | ({"epk": opened.headers()["epk"]} if agreement is not KeyAgreement.RSA_OAEP_256 else {})
        inside = (opened.plaintext or b"").decode()
        assert claims_in(inside, keys.public_jwks())["aud"] == website.client.client_id


def test_when_nothing_is_said_about_the_content_it_is_what_the_standard_says(client: PageClient) -> None:
    website = create_website(jwks=jwks(P256), id_token_encrypted_response_alg=KeyAgreement.ECDH_ES)

    assert website.client.id_token_encrypted_response_enc is ContentEncryption.A128CBC_HS256


@pytest.mark.parametrize(
    "keys_given", [None, jwks(RSA), jwks(P256, use="sig")], ids=["none", "another kind", "for signatures"]
)
def test_encryption_needs_a_key_that_fits(keys_given: dict[str, Any] | None) -> None:
    with pytest.raises(InvalidInputError) as refused:
        create_website(jwks=keys_given, id_token_encrypted_response_alg=KeyAgreement.ECDH_ES)

    assert set(refused.value.errors) == {"id_token_encrypted_response_alg"}
