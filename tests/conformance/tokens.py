"""What a website makes and checks: proofs and signatures."""

import base64
import hashlib
import json
import math
import secrets
import time
from collections import Counter
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet
from joserfc.jws import JWSRegistry

SIGNATURES = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]


def now() -> int:
    return int(time.time())


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def challenge_of(verifier: str) -> str:
    return base64url(hashlib.sha256(verifier.encode()).digest())


def verified(token: str, keys: KeySet) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims. Raises when the signature is by none of the keys."""
    found = jwt.decode(token, keys, algorithms=SIGNATURES)
    return dict(found.header), dict(found.claims)


def signed(claims: dict[str, Any], key: Any, *, alg: str = "ES256", **header: Any) -> str:
    """Whatever is in the header; None leaves a member out."""
    complete = _without_none({"alg": alg, "typ": "JWT", **header})
    registry = JWSRegistry(algorithms=[*SIGNATURES, "HS256"], strict_check_header=False)
    return jws.serialize_compact(complete, json.dumps(claims), key, registry=registry)


def unsigned(claims: dict[str, Any], **header: Any) -> str:
    complete = {"alg": "none", **header}
    return f"{base64url(json.dumps(complete).encode())}.{base64url(json.dumps(claims).encode())}."


def payload_of(token: str) -> dict[str, Any]:
    """Without a look at the signature."""
    encoded = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))))


def half_hash(token: str) -> str:
    """``at_hash`` for the algorithms with SHA-256."""
    return base64url(hashlib.sha256(token.encode()).digest()[:16])


def entropy_of(text: str) -> float:
    """Bits, by how often each sign is there: as the certification suite estimates it."""
    counts = Counter(text).values()
    return sum(-times * math.log2(times / len(text)) for times in counts)


def client_assertion(client_id: str, key: Any, audience: Any, *, alg: str = "ES256", **changes: Any) -> str:
    """RFC 7523; a change to None leaves a claim out."""
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": secrets.token_urlsafe(16),
        "iat": now(),
        "exp": now() + 60,
    } | changes
    return signed(_without_none(claims), key, alg=alg, kid=key.thumbprint())


def dpop_proof(key: ECKey, method: str, url: str, *, access_token: str | None = None, **changes: Any) -> str:
    """RFC 9449 § 4.2; a change to None leaves a claim out. ``typ``, ``alg``, ``jwk`` and what is in
    ``header`` change the header, in the same way.
    """
    header = {"typ": "dpop+jwt", "jwk": key.as_dict(private=False), **changes.pop("header", {})}
    header |= {name: changes.pop(name) for name in ("typ", "jwk") if name in changes}
    alg = changes.pop("alg", "ES256")
    claims: dict[str, Any] = {"htm": method, "htu": url, "jti": secrets.token_urlsafe(16), "iat": now()}
    if access_token is not None:
        claims["ath"] = challenge_of(access_token)
    claims |= changes
    return signed(_without_none(claims), key, alg=alg, **header)


def _without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
