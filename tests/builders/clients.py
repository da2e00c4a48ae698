"""Websites that sign their visitors in with us."""

import functools
from collections.abc import Sequence
from itertools import count
from typing import Any

from joserfc.jwk import ECKey

from servicekonto.core.db import unit_of_work
from servicekonto.oidc import clients
from servicekonto.oidc.client_models import AuthMethod, Client, ClientKind, SubjectType
from servicekonto.oidc.client_rules import Facts
from tests.builders.accounts import SOME_DAY

REDIRECT = "https://urkunden.example.org/callback"
APP_REDIRECT = "http://127.0.0.1/callback"

_sequence = count(1)


def client_facts(**values: Any) -> Facts:
    """Of a website with its own server."""
    usual: dict[str, Any] = {
        "name": "Urkundenportal",
        "purpose": "Sie bestellen Urkunden.",
        "purpose_en": "You order certificates.",
        "contact_email": "standesamt@example.org",
        "home_page": "https://urkunden.example.org/",
        "token_endpoint_auth_method": AuthMethod.BASIC,
        "redirect_uris": [REDIRECT],
        "post_logout_redirect_uris": ["https://urkunden.example.org/"],
        "scopes": ["openid", "profile", "email"],
    }
    return Facts(**usual | values)


def app_facts(**values: Any) -> Facts:
    """Of an app that keeps no secret."""
    redirect_uris: Sequence[str] = [APP_REDIRECT]
    return client_facts(
        **{"token_endpoint_auth_method": AuthMethod.NONE, "redirect_uris": redirect_uris} | values
    )


def create_client(
    *, subject_type: SubjectType = SubjectType.PAIRWISE, sector_identifier: str | None = None, **values: Any
) -> Client:
    with unit_of_work():
        return clients.register(
            client_facts(**{"name": f"Website {next(_sequence)}"} | values),
            kind=ClientKind.CONFIDENTIAL,
            subject_type=subject_type,
            sector_identifier=sector_identifier,
            by=None,
            at=SOME_DAY,
        )


def create_app_client(**values: Any) -> Client:
    with unit_of_work():
        return clients.register(
            app_facts(**values),
            kind=ClientKind.PUBLIC,
            sector_identifier="app.example.org",
            by=None,
            at=SOME_DAY,
        )


def public_jwk(kid: str) -> dict[str, Any]:
    """P-256, as a website registers it."""
    return {**_key(kid).as_dict(private=False), "kid": kid}


@functools.cache
def _key(_kid: str) -> ECKey:
    return ECKey.generate_key("P-256")
