"""The public keys a website registers."""

import json
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import ECKey, OKPKey, RSAKey

from servicekonto.oidc import client_keys
from servicekonto.web import i18n

P256 = ECKey.generate_key("P-256")
RSA2048 = RSAKey.generate_key(2048)


@pytest.fixture(autouse=True)
def in_german(keys: Flask) -> None:
    i18n.register(keys)


def public(key: ECKey | OKPKey | RSAKey, kid: str = "one", **changes: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": kid, **changes}


def problem_of(*keys: object) -> str | None:
    return next(client_keys.problems({"keys": list(keys)}), None)


@pytest.mark.parametrize(
    "key",
    [P256, ECKey.generate_key("P-384"), OKPKey.generate_key("Ed25519"), RSA2048],
    ids=["P-256", "P-384", "Ed25519", "RSA 2048"],
)
def test_keys_that_are_strong_enough_are_taken(key: ECKey | OKPKey | RSAKey) -> None:
    assert problem_of(public(key, use="sig")) is None


BAD: dict[str, dict[str, Any]] = {
    "secret": {"kty": "oct", "k": "c2VjcmV0", "kid": "one"},
    "short RSA": public(RSA2048, n="w" * 171),  # 1024 bits
    "another exponent": public(RSA2048, e="Aw"),
    "P-521": public(ECKey.generate_key("P-521")),
    "X25519": public(OKPKey.generate_key("X25519")),
    "not on the curve": public(P256, y=P256.as_dict(private=False)["x"]),
    "half a point": {"kty": "EC", "crv": "P-256", "x": "AA", "kid": "one"},
    "no base64": {"kty": "OKP", "crv": "Ed25519", "x": "ü", "kid": "one"},
    "a number": {"kty": "EC", "crv": "P-256", "x": 1, "y": 2, "kid": "one"},
    "a list as type": {"kty": ["EC"], "kid": "one"},
    "no type": {"kid": "one"},
    "unknown use": public(P256, use="all"),
    "a list as use": public(P256, use=["sig"]),
    "half a letter as algorithm": public(P256, alg="\ud800"),
    "something else between": public(P256, x=f"{P256.as_dict(private=False)['x']}\x00"),
    "no name": public(P256, kid=""),
    "a name with spaces": public(P256, kid="a b"),
    "a number as name": public(P256) | {"kid": 1},
}


@pytest.mark.parametrize("key", BAD.values(), ids=BAD.keys())
def test_what_is_no_strong_public_key_is_refused(key: dict[str, Any]) -> None:
    assert problem_of(key) is not None


def test_a_private_key_is_refused_with_a_warning() -> None:
    sentence = problem_of({**P256.as_dict(private=True), "kid": "one"})

    assert sentence is not None and sentence.startswith("Das ist ein geheimer Schlüssel.")


def test_two_keys_have_two_names() -> None:
    assert problem_of(public(P256), public(RSA2048)) == "Jeder Schlüssel braucht einen eigenen Namen (kid)."
    assert problem_of(public(P256), public(RSA2048, "two")) is None


@pytest.mark.parametrize(
    "text", ["x", "[]", "{}", '{"keys": []}', '{"keys": [1]}', '{"keys": {}}', "[" * 9999]
)
def test_what_is_no_set_of_keys_is_refused_with_its_form(text: str) -> None:
    sentence = next(client_keys.problems(client_keys.read(text)), "")

    assert '{"keys": [ … ]}' in sentence


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_nothing_is_no_keys(text: str | None) -> None:
    assert client_keys.read(text) is None
    assert list(client_keys.problems(None)) == []


def test_certificates_and_addresses_are_not_kept() -> None:
    given = {"keys": [public(P256, x5u="https://website.example/x5", x5c=["MII"], note="x")]}

    (kept,) = (client_keys.kept(given) or {})["keys"]

    assert kept.keys() == {"kty", "crv", "x", "y", "kid"}


def test_a_key_serves_what_it_is_meant_for() -> None:
    given = client_keys.read(json.dumps({"keys": [public(P256, use="sig"), public(RSA2048, "two")]}))

    assert [key.kid for key in client_keys.keys_of(given, use="sig")] == ["one", "two"]
    assert [key.kid for key in client_keys.keys_of(given, use="enc")] == ["two"]
