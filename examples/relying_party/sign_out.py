"""Signing out at Servicekonto as well, and what Servicekonto says when somebody signed out there."""

import json
import time
from typing import Any
from urllib.parse import urlencode

from joserfc import jws, jwt
from joserfc.errors import JoseError
from requests import RequestException

from relying_party.keys import Keys, UnreachableError
from relying_party.provider import ALGORITHMS, Provider, WrongProviderError
from relying_party.sessions import Sessions
from relying_party.settings import Settings

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY_SECONDS = 60
VALID_SECONDS = 300


class LogoutTokenError(Exception):
    """Not to be believed. The message names the check and nothing of the token."""


def address(provider: Provider, settings: Settings, id_token: str) -> str | None:
    """Where the browser goes to end the sign-in at Servicekonto (OpenID Connect RP-Initiated Logout).

    None where the provider has no such page: then only this site forgets its visitor. Raises
    UnreachableError.
    """
    try:
        endpoint = provider.load_server_metadata().get("end_session_endpoint")
    except (RequestException, WrongProviderError) as error:
        raise UnreachableError(type(error).__name__) from error
    if endpoint is None:
        return None
    parameters = {
        "id_token_hint": id_token,
        "client_id": settings.client_id,
        "post_logout_redirect_uri": settings.post_logout_redirect_uri,
    }
    return f"{endpoint}?{urlencode(parameters)}"


def receive(keys: Keys, settings: Settings, sessions: Sessions, logout_token: str) -> None:
    """OpenID Connect Back-Channel Logout § 2.5 to 2.7. Raises LogoutTokenError, UnreachableError.

    Keys come last: what is not even written as a token for us makes us ask nobody for them.
    """
    kid, claims = _read(logout_token)
    _check(claims, settings)
    try:
        jwt.decode(logout_token, keys.for_name(kid), algorithms=ALGORITHMS)
    except (JoseError, ValueError) as error:
        raise LogoutTokenError(type(error).__name__) from error
    if not sessions.is_first(claims["jti"], until=int(time.time()) + VALID_SECONDS + LEEWAY_SECONDS):
        raise LogoutTokenError("jti was here before")
    sessions.end_all(sub=claims.get("sub"), sid=claims.get("sid"))


def _read(logout_token: str) -> tuple[str, dict[str, Any]]:
    """The name of the key and the claims, as whoever sent it says: the signature was not checked yet."""
    try:
        token = jws.extract_compact(logout_token.encode())
        header, claims = token.headers(), json.loads(token.payload)
    except (JoseError, ValueError, RecursionError) as error:
        raise LogoutTokenError(type(error).__name__) from error
    if header.get("alg") not in ALGORITHMS:
        raise LogoutTokenError("alg")
    if header.get("typ") != "logout+jwt":
        raise LogoutTokenError("typ")
    if not isinstance(header.get("kid"), str) or not isinstance(claims, dict):
        raise LogoutTokenError("kid or claims")
    return header["kid"], claims


def _check(claims: dict[str, Any], settings: Settings) -> None:
    now = time.time()
    issued, expires = claims.get("iat"), claims.get("exp")
    events = claims.get("events")
    checks = {
        "iss": claims.get("iss") == settings.issuer,
        "aud": claims.get("aud") in (settings.client_id, [settings.client_id]),
        "iat": isinstance(issued, int)
        and now - VALID_SECONDS <= issued + LEEWAY_SECONDS
        and issued <= now + LEEWAY_SECONDS,
        "exp": isinstance(expires, int) and now <= expires + LEEWAY_SECONDS,
        "jti": isinstance(claims.get("jti"), str),
        "events": isinstance(events, dict) and events.get(EVENT) == {},
        "nonce": "nonce" not in claims,  # or an ID token could be used as one
        "sub or sid": isinstance(claims.get("sub") or claims.get("sid"), str),
    }
    for name, is_right in checks.items():
        if not is_right:
            raise LogoutTokenError(name)
