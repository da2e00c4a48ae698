"""A proof is for one token, one request and one moment (RFC 9449 § 4.3)."""

import time
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core.db import db
from servicekonto.oidc.jti_models import SeenJti
from tests.builders.oidc import ISSUER, Website
from tests.builders.signed import hash_of, key_for
from tests.integration.oidc.dpop.presenting import asks, bound_token, proof_for
from tests.support.client import PageClient

WRONG_AT_USERINFO: list[dict[str, Any]] = [
    {"ath": None},
    {"ath": hash_of("another token")},
    {"ath": 7},
    {"ath": "ü"},
    {"htm": "POST"},
    {"htm": "get"},
    {"htm": None},
    {"htu": f"{ISSUER}/oidc/token"},
    {"htu": "https://localhost/oidc/userinfo"},
    {"htu": "http://localhost:8000/oidc/userinfo"},
    {"htu": "http://localhost:nn/oidc/userinfo"},
    {"htu": "http://x@localhost/oidc/userinfo"},
    {"htu": "http://[localhost/oidc/userinfo"},
    {"htu": "/oidc/userinfo"},
    {"htu": f"{ISSUER}/oidc%2Fuserinfo"},
    {"htu": f"{ISSUER}/oidc/userinfo/"},
    {"htu": f"{ISSUER}/oidc/user\ninfo"},
    {"htu": ""},
    {"htu": [ISSUER]},
    {"htu": None},
    {"jti": None},
    {"jti": ""},
    {"jti": 7},
    {"iat": None},
    {"iat": "now"},
    {"iat": float("nan")},
    {"iat": 10**400},
    {"iat": -(10**400)},
    {"exp": 1},
    {"nbf": 2**40},
]


@pytest.mark.parametrize("changes", WRONG_AT_USERINFO)
def test_a_proof_is_for_one_token_one_request_and_one_moment(
    client: PageClient, website: Website, erika: Account, changes: dict[str, Any]
) -> None:
    key = key_for("ES256")
    token = bound_token(client, website, key)

    answer = asks(client, token, proof_for(token, key, **changes))

    assert answer.status_code == 401
    assert 'error="invalid_dpop_proof"' in answer.headers["WWW-Authenticate"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "htu",
    [
        f"{ISSUER}/oidc/userinfo?x=1",
        f"{ISSUER}/oidc/userinfo#x",
        "HTTP://LocalHost/oidc/userinfo",
        "http://localhost:80/oidc/userinfo",
        f"{ISSUER}/oidc/%75serinf%6f",
    ],
)
def test_two_ways_to_write_an_address_are_one(
    client: PageClient, website: Website, erika: Account, htu: str
) -> None:
    key = key_for("ES256")
    token = bound_token(client, website, key)

    assert asks(client, token, proof_for(token, key, htu=htu)).status_code == 200


def test_the_address_is_that_of_the_configuration(
    client: PageClient, website: Website, erika: Account
) -> None:
    """Not of what a request says about its host."""
    key = key_for("ES256")
    token = bound_token(client, website, key)
    headers = {
        "Authorization": f"DPoP {token}",
        "DPoP": proof_for(token, key, htu="http://evil.example/oidc/userinfo"),
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
    }

    assert client.client.get("/oidc/userinfo", headers=headers).status_code in {400, 401}


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(-10, 200), (-58, 200), (-65, 401), (10, 200), (58, 200), (65, 401), (-86400, 401)],
)
def test_clocks_may_differ_by_a_minute(
    client: PageClient, website: Website, erika: Account, seconds: int, status: int
) -> None:
    key = key_for("ES256")
    token = bound_token(client, website, key)

    assert asks(client, token, proof_for(token, key, iat=int(time.time()) + seconds)).status_code == status


def test_a_proof_counts_once(client: PageClient, website: Website, erika: Account) -> None:
    key = key_for("ES256")
    token = bound_token(client, website, key)
    text = proof_for(token, key)

    assert [asks(client, token, text).status_code for _time in range(2)] == [200, 401]


def test_two_keys_may_use_the_same_name_for_a_proof(
    client: PageClient, website: Website, erika: Account
) -> None:
    for name in ("first", "second"):
        token = bound_token(client, website, key_for("ES256", name))
        assert asks(client, token, proof_for(token, key_for("ES256", name), jti="1")).status_code == 200


def test_who_has_no_token_leaves_nothing_behind(client: PageClient, website: Website) -> None:
    for _time in range(3):
        assert asks(client, "x" * 43, proof_for("x" * 43, key_for("ES256"))).status_code == 401

    assert db.session.scalar(sa.select(sa.func.count()).select_from(SeenJti)) == 0
