"""What other services read first: the metadata and the keys."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
import sqlalchemy as sa
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata
from werkzeug.test import TestResponse

from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import claims, metadata
from servicekonto.oidc.capabilities import CLAIMS, ENDPOINTS, SCOPES
from servicekonto.oidc.key_models import SigningKey
from servicekonto.oidc.views.metadata import JWKS, METADATA
from servicekonto.web.application import Servicekonto
from tests.builders.signing_keys import create_signing_keys
from tests.conftest import application
from tests.support.client import PageClient
from tests.support.databases import DatabaseUrls

ISSUER = "https://konto.example.org"
ALL_PATHS = {entry.view: f"/oidc/{entry.view.removeprefix('oidc.')}" for entry in ENDPOINTS}
ADDRESSES = (JWKS, *METADATA)


@pytest.fixture
def production_like(own_urls: DatabaseUrls) -> Iterator[Servicekonto]:
    """With an address that a service on the internet has."""
    app = application(own_urls, base_url=ISSUER)
    yield app
    with app.app_context():
        db.engine.dispose()


def fetched(client: PageClient, path: str, **options: Any) -> TestResponse:
    answer = client.client.get(path, **options)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    return answer


def test_authlib_finds_the_document_valid() -> None:
    document = json.loads(json.dumps(metadata.document(ISSUER, ALL_PATHS)))

    OpenIDProviderMetadata(document).validate()
    AuthorizationServerMetadata(document).validate()


def test_it_says_exactly_this() -> None:
    assert json.loads(json.dumps(metadata.document(ISSUER, ALL_PATHS))) == {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/oidc/authorize",
        "token_endpoint": f"{ISSUER}/oidc/token",
        "userinfo_endpoint": f"{ISSUER}/oidc/userinfo",
        "jwks_uri": f"{ISSUER}/oidc/jwks",
        "end_session_endpoint": f"{ISSUER}/oidc/end_session",
        "pushed_authorization_request_endpoint": f"{ISSUER}/oidc/par",
        "revocation_endpoint": f"{ISSUER}/oidc/revoke",
        "introspection_endpoint": f"{ISSUER}/oidc/introspect",
        "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": ["ES256", "PS256", "RS256"],
        "token_endpoint_auth_methods_supported": [
            *("private_key_jwt", "client_secret_basic", "client_secret_post", "none")
        ],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256", "EdDSA"],
        "dpop_signing_alg_values_supported": ["ES256", "PS256", "EdDSA"],
        "revocation_endpoint_auth_methods_supported": [
            *("private_key_jwt", "client_secret_basic", "client_secret_post", "none")
        ],
        "introspection_endpoint_auth_methods_supported": [
            *("private_key_jwt", "client_secret_basic", "client_secret_post")
        ],
        "revocation_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256", "EdDSA"],
        "introspection_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256", "EdDSA"],
        "userinfo_signing_alg_values_supported": ["ES256", "PS256", "RS256"],
        "id_token_encryption_alg_values_supported": ["ECDH-ES", "ECDH-ES+A256KW", "RSA-OAEP-256"],
        "id_token_encryption_enc_values_supported": ["A128CBC-HS256", "A256GCM"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [
            "http://eidas.europa.eu/LoA/low",
            "http://eidas.europa.eu/LoA/substantial",
            "http://eidas.europa.eu/LoA/high",
        ],
        "claims_supported": list(CLAIMS),
        "claim_types_supported": ["normal"],
        "ui_locales_supported": ["de", "en"],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": ["ES256", "PS256", "RS256", "EdDSA"],
        "request_uri_parameter_supported": False,
        "require_pushed_authorization_requests": False,
        "require_signed_request_object": False,
    }


def test_every_claim_is_listed_once() -> None:
    assert len(CLAIMS) == len(set(CLAIMS))
    assert {claim for claims in SCOPES.values() for claim in claims} <= set(CLAIMS)


def test_what_is_published_is_what_userinfo_can_answer_and_the_person_is_shown() -> None:
    """Who changes what a scope gives raises ``claims.VERSION``: then everybody is asked again."""
    assert claims.VERSION == 1
    assert {scope: list(names) for scope, names in SCOPES.items()} == {
        "openid": ["sub"],
        "profile": ["name", "given_name", "family_name", "birthdate"],
        "email": ["email", "email_verified"],
        "address": ["address"],
        "phone": ["phone_number"],
        "offline_access": [],
    }


def test_an_endpoint_that_does_not_exist_is_not_advertised() -> None:
    without = {view: path for view, path in ALL_PATHS.items() if view != "oidc.userinfo"}

    assert "userinfo_endpoint" not in metadata.document(ISSUER, without)


def test_what_is_advertised_exists(client: PageClient, app: Servicekonto) -> None:
    document = cast(dict[str, object], fetched(client, METADATA[0]).json)
    advertised = {entry.view for entry in ENDPOINTS if entry.member in document}

    assert advertised == {entry.view for entry in ENDPOINTS} & set(app.view_functions)
    assert document["jwks_uri"] == "http://localhost/oidc/jwks"


def test_both_addresses_say_the_same(client: PageClient) -> None:
    assert fetched(client, METADATA[0]).data == fetched(client, METADATA[1]).data


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}],
)
def test_the_issuer_comes_from_the_configuration_whatever_the_request_says(
    production_like: Servicekonto, headers: dict[str, str]
) -> None:
    answer = production_like.test_client().get(METADATA[0], headers=headers)

    assert cast(dict[str, str], answer.json)["issuer"] == ISSUER
    assert "evil" not in answer.text


def test_the_keys_are_published(client: PageClient) -> None:
    create_signing_keys()

    document = cast(dict[str, list[dict[str, str]]], fetched(client, JWKS).json)

    assert sorted(jwk["kty"] for jwk in document["keys"]) == ["EC", "EC", "RSA", "RSA"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_everybody_may_keep_it_for_an_hour_and_ask_whether_it_is_still_right(
    client: PageClient, path: str
) -> None:
    first = fetched(client, path)
    assert first.headers["Cache-Control"] == "public, max-age=3600"

    again = client.client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_another_key_is_another_answer(client: PageClient) -> None:
    before = fetched(client, JWKS).headers["ETag"]
    create_signing_keys()

    assert client.client.get(JWKS, headers={"If-None-Match": before}).status_code == 200


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_website_may_read_it_without_credentials(client: PageClient, path: str) -> None:
    origin = {"Origin": "https://app.example"}
    asked = client.client.options(path, headers={**origin, "Access-Control-Request-Method": "GET"})

    assert (asked.status_code, asked.data) == (204, b"")
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    for answer in (asked, fetched(client, path, headers=origin)):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ADDRESSES)
def test_head_answers_like_get_without_the_body(client: PageClient, path: str) -> None:
    answer = client.client.head(path)

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["ETag"] == fetched(client, path).headers["ETag"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_nobody_sends_anything_there(client: PageClient, path: str) -> None:
    answer = client.client.post(path)

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_the_keys_are_those_of_this_moment(client: PageClient, queries: list[str]) -> None:
    """They are written once, and asked for by name each time: one statement."""
    create_signing_keys()
    before = fetched(client, JWKS).get_json()
    queries.clear()
    assert fetched(client, JWKS).get_json() == before and len(queries) == 1

    with unit_of_work():
        db.session.execute(sa.delete(SigningKey).where(SigningKey.kid == before["keys"][0]["kid"]))

    assert fetched(client, JWKS).get_json()["keys"] == before["keys"][1:]
