"""oidcc-config-certification-test-plan: what a provider says about itself."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import RSAKey

from tests.conformance.provider import Provider

# IANA "OAuth Authorization Server Metadata", as far as either provider has anything to do with it.
_NAMES = """
issuer authorization_endpoint token_endpoint jwks_uri registration_endpoint scopes_supported
response_types_supported response_modes_supported grant_types_supported
token_endpoint_auth_methods_supported token_endpoint_auth_signing_alg_values_supported service_documentation
ui_locales_supported op_policy_uri op_tos_uri revocation_endpoint revocation_endpoint_auth_methods_supported
revocation_endpoint_auth_signing_alg_values_supported introspection_endpoint
introspection_endpoint_auth_methods_supported introspection_endpoint_auth_signing_alg_values_supported
code_challenge_methods_supported signed_metadata userinfo_endpoint acr_values_supported
subject_types_supported id_token_signing_alg_values_supported id_token_encryption_alg_values_supported
id_token_encryption_enc_values_supported userinfo_signing_alg_values_supported
userinfo_encryption_alg_values_supported userinfo_encryption_enc_values_supported
request_object_signing_alg_values_supported request_object_encryption_alg_values_supported
request_object_encryption_enc_values_supported display_values_supported claim_types_supported
claims_supported claims_locales_supported claims_parameter_supported request_parameter_supported
request_uri_parameter_supported require_request_uri_registration require_signed_request_object
pushed_authorization_request_endpoint require_pushed_authorization_requests
authorization_response_iss_parameter_supported dpop_signing_alg_values_supported end_session_endpoint
backchannel_logout_supported backchannel_logout_session_supported frontchannel_logout_supported
frontchannel_logout_session_supported check_session_iframe prompt_values_supported
authorization_signing_alg_values_supported introspection_signing_alg_values_supported
client_id_metadata_document_supported
"""
KNOWN = frozenset(_NAMES.split())
REQUIRED = frozenset(
    {
        "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri",
        "scopes_supported", "response_types_supported", "subject_types_supported",
        "id_token_signing_alg_values_supported", "claims_supported",
    }
)  # fmt: skip
"""Required or recommended by OpenID Connect Discovery § 3, as far as the code flow needs it."""
NOT_EMPTY = (
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "grant_types_supported",
)
BCP_47 = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")
SCOPE = re.compile(r"[!#-\[\]-~]+")


def test_oidcc_discovery_endpoint_verification(provider: Provider) -> None:
    answer = provider.get(f"{provider.issuer}/.well-known/openid-configuration")
    found: dict[str, Any] = answer.json()

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    assert found["issuer"] == provider.issuer
    assert set(found) <= KNOWN, "published, but registered nowhere"
    assert set(found) >= REQUIRED
    assert all(found.get(member) for member in NOT_EMPTY)
    assert "RS256" in found["id_token_signing_alg_values_supported"]
    assert not {"none", "HS256"} & set(found["id_token_signing_alg_values_supported"])
    assert set(found["subject_types_supported"]) <= {"public", "pairwise"}
    assert "code" in found["response_types_supported"]
    assert found["claims_supported"]
    assert all(SCOPE.fullmatch(scope) for scope in found["scopes_supported"])
    assert "openid" in found["scopes_supported"]
    locales = found.get("ui_locales_supported", []) + found.get("claims_locales_supported", [])
    assert all(BCP_47.fullmatch(tag) for tag in locales)
    assert "S256" in found["code_challenge_methods_supported"]
    assert_keys(provider)
    assert_kinds(found)
    assert_https(provider, found)


def test_oauth_servers_find_the_same(provider: Provider) -> None:
    """RFC 8414 § 3, where it is published."""
    answer = provider.get(f"{provider.issuer}/.well-known/oauth-authorization-server")

    if answer.status_code == 404:
        pytest.skip(f"{provider.name} publishes OpenID Connect's metadata only")
    assert answer.json() == provider.metadata


def assert_keys(provider: Provider) -> None:
    """Whole, strong, and one at least for RS256."""
    keys = provider.key_set().keys
    families = [key for key in keys if isinstance(key, RSAKey)]

    assert families
    assert all(key.private_key is None and key.public_key.key_size >= 2048 for key in families)


def assert_kinds(found: dict[str, Any]) -> None:
    for member, value in found.items():
        if member.endswith("_supported") and isinstance(value, list):
            assert all(isinstance(each, str) for each in value), member
            assert len(set(value)) == len(value), member
        elif member.endswith("_supported"):
            assert isinstance(value, bool), member


def assert_https(provider: Provider, found: dict[str, Any]) -> None:
    urls = [value for member, value in found.items() if member.endswith(("_endpoint", "_uri"))]
    assert all(url.startswith(f"{provider.issuer}/") for url in urls)
    assert all(urlsplit(url).scheme == "https" and not urlsplit(url).fragment for url in urls)
