"""What nobody may ever see, and which name a key has."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from joserfc.jwk import ECKey, RSAKey

from servicekonto.core.db import unit_of_work
from servicekonto.oidc import keys
from servicekonto.oidc.capabilities import Algorithm
from servicekonto.oidc.key_models import KeyFamily, KeyState, SigningKey
from tests.builders.accounts import SOME_DAY
from tests.builders.signing_keys import create_signing_keys, made

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
THUMBPRINT = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}


@pytest.fixture(autouse=True)
def keys_exist(database: None) -> None:
    create_signing_keys()


def thumbprint(jwk: dict[str, Any]) -> str:
    """RFC 7638 § 3: SHA-256 of the members needed, in lexical order, without white space."""
    members = {name: jwk[name] for name in THUMBPRINT[jwk["kty"]]}
    digest = hashlib.sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode())
    return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def row(family: KeyFamily, state: KeyState = KeyState.ACTIVE) -> SigningKey:
    found = [row for row in keys.all_keys() if (row.family, row.state) == (family, state)]
    return found[0]


def test_published_keys_have_no_private_part() -> None:
    published = keys.public_jwks()["keys"]

    assert len(published) == 4
    assert all(not PRIVATE & set(jwk) for jwk in published)


def test_nor_would_they_if_somebody_had_put_one_into_the_table() -> None:
    for family in KeyFamily:
        with unit_of_work():
            row(family).public_jwk = made(family, KeyState.ACTIVE).as_dict(private=True)

    assert "d" in row(KeyFamily.EC).public_jwk
    assert all(not PRIVATE & set(jwk) for jwk in keys.public_jwks()["keys"])


def test_the_name_of_a_key_is_its_thumbprint() -> None:
    for jwk in keys.public_jwks()["keys"]:
        assert jwk["kid"] == thumbprint(jwk)
        assert jwk["use"] == "sig"


def test_published_keys_say_for_which_algorithm_where_there_is_one_only() -> None:
    assert {jwk["kty"]: jwk.get("alg") for jwk in keys.public_jwks()["keys"]} == {"EC": "ES256", "RSA": None}


def test_in_the_table_the_private_key_is_sealed() -> None:
    for family in KeyFamily:
        sealed = row(family).private_key_sealed
        clear = made(family, KeyState.ACTIVE).as_bytes(encoding="DER", private=True)
        assert sealed is not None
        assert row(family).private_key == clear
        assert clear[40:100] not in sealed


@pytest.mark.parametrize("columns", [("private_key_sealed",), ("private_key_sealed", "wrapped_key")])
def test_a_private_key_opens_in_its_own_row_only(columns: tuple[str, ...]) -> None:
    mine, other = row(KeyFamily.EC), row(KeyFamily.EC, KeyState.NEXT)
    with unit_of_work():
        for name in columns:
            setattr(mine, name, getattr(other, name))

    with pytest.raises(InvalidTag):
        _ = mine.private_key


def test_nobody_signs_under_the_name_of_another_key() -> None:
    strange = ECKey.generate_key("P-256").as_bytes(encoding="DER", private=True)
    with unit_of_work():
        row(KeyFamily.EC).private_key = strange
    keys._opened.clear()  # as in a process that has just started

    with pytest.raises(keys.ForeignPrivateKeyError):
        keys.signing_key(Algorithm.ES256)


@pytest.mark.parametrize("kind", ["retired", "revoked"])
def test_the_private_part_goes_with_the_last_signature(kind: str) -> None:
    mine = row(KeyFamily.RSA)

    if kind == "retired":
        keys.rotate(at=SOME_DAY, without_waiting=True)
    else:
        keys.revoke(mine.kid, at=SOME_DAY)

    assert mine.state == kind
    assert mine.private_key_sealed is None and mine.wrapped_key is None


@pytest.mark.slow
def test_keys_are_as_long_as_the_guideline_wants() -> None:
    """BSI TR-02102-1."""
    keys.rotate(at=SOME_DAY, without_waiting=True)

    long = {row.family: row.public_jwk for row in keys.all_keys() if row.state is KeyState.NEXT}
    assert RSAKey.import_key(long[KeyFamily.RSA]).public_key.key_size == 3072
    assert long[KeyFamily.EC]["crv"] == "P-256"
