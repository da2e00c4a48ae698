"""An ID token of ours that comes back when somebody signs out (OpenID Connect RP-Initiated Logout 1.0 § 2).
It may have run out, and says itself which website it was issued to.
"""

import json
from dataclasses import dataclass

from joserfc import jws
from joserfc.errors import JoseError

from servicekonto.oidc import clients, hints
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.hints import NoIdTokenError

LONGEST = 8192


@dataclass(frozen=True)
class Hint:
    """``sub`` as this website knows it."""

    client: Client
    sub: str


def read(token: str) -> Hint | None:
    """None when anything is wrong. Retired keys count for as long as they are published, revoked ones do
    not.
    """
    try:
        client = clients.by_client_id(_audience(token)) if token.isascii() else None
        claims = hints.claims_of_id_token(token, client) if client is not None else {}
    except (NoIdTokenError, JoseError, ValueError, TypeError, RecursionError):
        return None
    sub = claims.get("sub")
    return Hint(client, sub) if client is not None and isinstance(sub, str) else None


def _audience(token: str) -> str:
    """Not checked yet: it only says which website to check it for."""
    claims = json.loads(jws.extract_compact(token.encode()).payload)
    audience = claims.get("aud") if isinstance(claims, dict) else None
    return audience if isinstance(audience, str) else ""
