"""An ID token of ours that comes back as a hint of who is meant (OpenID Connect RP-Initiated Logout 1.0 § 2).
It may have run out; it must be one of ours, for a website that is registered, and an ID token.
"""

from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from servicekonto.core.settings import settings
from servicekonto.oidc import clients, keys
from servicekonto.oidc.capabilities import Algorithm
from servicekonto.oidc.client_models import Client

LONGEST = 8192
_TEXTS = ("iss", "sub", "aud")
_NUMBERS = ("iat", "exp", "auth_time")


@dataclass(frozen=True)
class Hint:
    """``sub`` as this website knows it."""

    client: Client
    sub: str


def read(token: str) -> Hint | None:
    """None when anything is wrong. Retired keys count for as long as they are published, revoked ones do
    not.
    """
    claims = _claims(token) if token.isascii() and len(token) <= LONGEST else None
    if claims is None or claims["iss"] != settings().base_url:
        return None
    client = clients.by_client_id(claims["aud"])
    return Hint(client, claims["sub"]) if client is not None else None


def _claims(token: str) -> dict[str, Any] | None:
    """Of an ID token: nothing else that is signed with these keys has ``auth_time`` and no ``events``."""
    try:
        found = jwt.decode(token, _published(), algorithms=list(Algorithm))
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None
    claims = found.claims
    if found.header.get("typ") != "JWT" or "events" in claims:
        return None
    if not all(isinstance(claims.get(name), str) for name in _TEXTS):
        return None
    return claims if all(isinstance(claims.get(name), int) for name in _NUMBERS) else None


def _published() -> KeySet:
    return KeySet.import_key_set(keys.public_jwks())  # type: ignore[arg-type]
