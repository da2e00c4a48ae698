"""What Authlib's claims classes say about a website, next to our own rules."""

from dataclasses import replace
from typing import Any

import pytest

from servicekonto.oidc.capabilities import METADATA
from servicekonto.oidc.client_metadata import metadata_of, refused_fields
from servicekonto.oidc.client_models import AuthMethod, IdTokenAlg
from tests.builders.clients import app_facts, client_facts


@pytest.mark.parametrize("facts", [client_facts(), app_facts(), client_facts(offline_access=True)])
def test_what_our_rules_take_the_protocol_takes_too(facts: Any) -> None:
    assert refused_fields(facts) == set()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("redirect_uris", ["https://www.example.org/callback#top"]),
        ("post_logout_redirect_uris", ["no address"]),
        ("home_page", "no address"),
        ("jwks", {"keys": [{"kty": "unknown"}]}),
        ("default_max_age", "soon"),
        ("scopes", ["openid", "everything"]),
    ],
)
def test_what_the_protocol_does_not_take_is_named_by_its_field(field: str, value: Any) -> None:
    assert refused_fields(replace(client_facts(), **{field: value})) == {field}


@pytest.mark.parametrize(
    ("member", "field"),
    [
        ("id_token_signing_alg_values_supported", "id_token_alg"),
        ("token_endpoint_auth_methods_supported", "token_endpoint_auth_method"),
        ("userinfo_signing_alg_values_supported", "userinfo_signed_response_alg"),
    ],
)
def test_nobody_registers_what_is_not_published(member: str, field: str) -> None:
    facts = replace(client_facts(), userinfo_signed_response_alg=IdTokenAlg.ES256)

    assert refused_fields(facts, METADATA | {member: ["something else"]}) == {field}


def test_an_app_does_not_come_back_without_encryption() -> None:
    facts = replace(app_facts(), post_logout_redirect_uris=["http://www.example.org/"])

    assert facts.token_endpoint_auth_method is AuthMethod.NONE
    assert refused_fields(facts) == {"post_logout_redirect_uris"}


def test_only_who_may_come_back_later_has_that_grant() -> None:
    assert metadata_of(client_facts())["grant_types"] == ["authorization_code"]
    assert "refresh_token" in metadata_of(client_facts(offline_access=True))["grant_types"]
