"""Signed requests (RFC 9101): what stands in the signed object counts, and nothing beside it.

A copy of a request starts the same sign-in once more and gives its sender nothing, so ``jti`` is not kept.
"""

import json
import math
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from servicekonto.core.settings import settings
from servicekonto.oidc import client_keys
from servicekonto.oidc.authorization import RefusedError
from servicekonto.oidc.capabilities import REQUEST_OBJECT_ALGORITHMS
from servicekonto.oidc.client_models import Client

LEEWAY = 60  # seconds
TYPES = frozenset({None, "JWT", "oauth-authz-req+jwt"})
ABOUT_THE_OBJECT = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})
OUTSIDE_TOO = ("client_id", "response_type")
_KEY_TYPES = {
    "ES256": ("EC", "P-256"),
    "PS256": ("RSA", None),
    "RS256": ("RSA", None),
    "EdDSA": ("OKP", "Ed25519"),
}

Parameters = Mapping[str, Sequence[str]]


def opened(parameters: Parameters, client: Client, *, at: datetime) -> Parameters:
    """The parameters that count. Raises RefusedError."""
    if "request" not in parameters:
        return parameters
    text = parameters["request"][0]
    if len(parameters["request"]) > 1:
        raise RefusedError("invalid_request", "request is there more than once")
    claims = _verified(text, client)
    _assert_for_us(claims, client, at=at)
    inside = {
        name: [_text(value)]
        for name, value in claims.items()
        if name not in ABOUT_THE_OBJECT and value is not None
    }
    for name in OUTSIDE_TOO:
        if name in parameters and inside.get(name) != list(parameters[name]):
            raise _invalid(f"{name} differs from the one beside it")
    return inside


def _verified(text: str, client: Client) -> dict[str, Any]:
    try:
        header = jws.extract_compact(text.encode("ascii")).headers()
        algorithm = header.get("alg")
        if algorithm == "none" or not client.jwks:
            raise RefusedError("request_not_supported", "request must be signed with a registered key")
        if algorithm not in REQUEST_OBJECT_ALGORITHMS or header.get("typ") not in TYPES:
            raise _invalid("alg or typ is not supported")
        return _claims(text, _key(client, algorithm, header.get("kid")), algorithm)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _invalid("it is not signed with a registered key") from error


def _claims(text: str, key: client_keys.PublicKey, algorithm: str) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the name EdDSA is on its way out, websites still use it
        return dict(jwt.decode(text, key, algorithms=[algorithm]).claims)


def _key(client: Client, algorithm: str, kid: object) -> client_keys.PublicKey:
    """By its name; without one, the only key that fits."""
    kind, curve = _KEY_TYPES[algorithm]
    fitting = [
        key
        for key in client_keys.keys_of(client.jwks, use="sig")
        if key.key_type == kind and curve in {None, key.get("crv")} and kid in {None, key.kid}
    ]
    if len(fitting) != 1:
        raise _invalid("it is not signed with a registered key")
    return fitting[0]


def _assert_for_us(claims: Mapping[str, Any], client: Client, *, at: datetime) -> None:
    audience = claims.get("aud")
    if settings().base_url not in (audience if isinstance(audience, list) else [audience]):
        raise _invalid("aud is not this issuer")
    if claims.get("iss") != client.client_id or claims.get("client_id") != client.client_id:
        raise _invalid("iss and client_id must be the client")
    if claims.get("sub") == client.client_id:
        raise _invalid("this is how a client proves who it is, not a request")  # RFC 9101 § 10.8
    now = at.timestamp()
    if not _number(claims.get("exp")) > now - LEEWAY:
        raise _invalid("exp is missing or over")
    if not _number(claims.get("nbf", 0)) <= now + LEEWAY:
        raise _invalid("nbf is not reached")
    if claims.keys() & {"request", "request_uri"}:
        raise _invalid("request and request_uri may not be inside")


def _number(value: object) -> float:
    """What is none compares with nothing."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def _text(value: object) -> str:
    """Halves of characters can be written in JSON, and nowhere else."""
    text = value if isinstance(value, str) else json.dumps(value)
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise _invalid("a parameter is not readable")
    return text


def _invalid(description: str) -> RefusedError:
    return RefusedError("invalid_request_object", description)
