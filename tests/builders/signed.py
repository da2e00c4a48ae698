"""Keys of websites and apps, and what they sign with them."""

import base64
import functools
import hashlib
import json
import time
import warnings
from typing import Any
from uuid import uuid4

from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.builders.oidc import ISSUER

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Key = ECKey | OKPKey | RSAKey

BYTES = (
    "",
    ".",
    "..",
    "a.b.c",
    "....",
    "é.é.é",
    "\0.\0.\0",
    "e30.e30.e30",
    "bnVsbA.bnVsbA.bnVsbA",
    "ImFsZyI.ImFsZyI.eA",
    "eyJhbGciOiJub25lIn0.e30.",
    "eyJhbGciOlsiRVMyNTYiXX0.e30.eA",
    "eyJhbGciOiJFUzI1NiJ9.W10.eA",
    "eyJhbGciOiJFUzI1NiJ9.e30.",
    "W1tbW1tb" * 900 + ".e30.eA",
    "x" * 9000 + ".e30.eA",
    "eyJhbGciOiJFUzI1NiIsImNyaXQiOlsiYjY0Il0sImI2NCI6ZmFsc2V9.e30.eA",
    "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJcdWQ4MDAifQ.eA",
    "WyJhbGciXQ.e30.eA",
    "eyJhbGciOiJFUzI1NiJ9.ImEi.eA",
)
"""What is no signed text, and looks like one to some readers: headers and claims of other JSON types, deep
nesting, missing parts.
"""


@functools.cache
def key_for(algorithm: str, name: str = "first") -> Key:
    """The same one every time. ``name``: for several of a kind."""
    if algorithm in {"PS256", "RS256"}:
        return RSAKey.generate_key(2048, {"kid": f"RSA-{name}"})
    if algorithm == "EdDSA":
        return OKPKey.generate_key("Ed25519", {"kid": f"Ed25519-{name}"})
    return ECKey.generate_key("P-384" if algorithm == "ES384" else "P-256", {"kid": f"EC-{name}"})


def jwks_of(*keys: Key) -> dict[str, Any]:
    return {"keys": [public(key) for key in keys]}


def public(key: Key) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


def signed(header: dict[str, Any], claims: Any, key: Key) -> str:
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    registry.max_header_length = 8000
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return jws.serialize_compact(header, json.dumps(claims), key, registry=registry)


def assertion(
    client_id: str,
    key: Key,
    *,
    algorithm: str = "ES256",
    header: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """With which a website proves who it is. A change to None leaves a claim out."""
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid4()),
    } | changes
    full = {"alg": algorithm, "kid": key.kid} | (header or {})
    return signed(_without_none(full), _without_none(claims), key)


def proof(
    key: Key,
    *,
    path: str = "/oidc/token",
    method: str = "POST",
    access_token: str | None = None,
    algorithm: str = "ES256",
    header: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """That a client has a key (RFC 9449 § 4.2). A change to None leaves a claim out."""
    claims = {
        "htm": method,
        "htu": ISSUER + path,
        "iat": int(time.time()),
        "jti": str(uuid4()),
        "ath": None if access_token is None else hash_of(access_token),
    } | changes
    members = {name: value for name, value in public(key).items() if name != "kid"}
    full = {"typ": "dpop+jwt", "alg": algorithm, "jwk": members} | (header or {})
    return signed(_without_none(full), _without_none(claims), key)


def with_header(text: str, header: dict[str, Any]) -> str:
    """The same text, and something else above it."""
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{encoded}.{text.partition('.')[2]}"


def hash_of(access_token: str) -> str:
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
