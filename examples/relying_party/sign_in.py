"""The way to Servicekonto and back. Authlib makes state, nonce and PKCE, redeems the code and checks
signature, nonce, expiry and at_hash of the ID token. What it does not check is checked here; each check says
why.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.integrations.base_client import OAuthError
from flask import redirect, session
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from relying_party.provider import Provider, WrongProviderError
from relying_party.settings import Settings

LOW, SUBSTANTIAL, HIGH = LEVELS = (
    "http://eidas.europa.eu/LoA/low",
    "http://eidas.europa.eu/LoA/substantial",
    "http://eidas.europa.eu/LoA/high",
)
"""Levels of assurance, from the lowest to the highest."""

LEEWAY_SECONDS = 60


class SignInError(Exception):
    """``reason``: ``cancelled``, ``expired``, ``unreachable`` or ``invalid``. ``detail`` is for the log."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class SignedIn:
    """``sub``: the name of the person here; no other website knows it. ``sid``: of the sign-in at
    Servicekonto, None from a provider without back-channel logout. ``level``: one of LEVELS.
    ``authenticated_at``: seconds since 1970. ``claims``: from UserInfo. ``id_token``: for signing out.
    """

    sub: str
    sid: str | None
    level: str
    authenticated_at: int
    claims: Mapping[str, Any]
    id_token: str

    def reaches(self, level: str) -> bool:
        return LEVELS.index(self.level) >= LEVELS.index(level)


def begin(
    provider: Provider,
    settings: Settings,
    *,
    language: str,
    goal: str,
    level: str | None = None,
    max_age: int | None = None,
) -> Response:
    """To Servicekonto. ``goal``: the name of our page to show afterwards, from a fixed list, never an
    address.

    Raises SignInError.
    """
    wishes: dict[str, str | int | None] = {"acr_values": level, "max_age": max_age, "ui_locales": language}
    asked = {name: value for name, value in wishes.items() if value is not None}
    try:
        made = provider.create_authorization_url(settings.redirect_uri, **asked)
    except (RequestException, WrongProviderError) as error:
        raise SignInError("unreachable", repr(error)) from error
    provider.save_authorize_data(redirect_uri=settings.redirect_uri, goal=goal, max_age=max_age, **made)
    return redirect(made["url"], code=303)


def finish(provider: Provider, settings: Settings, answer: Mapping[str, str]) -> tuple[SignedIn, str]:
    """Who came back, and the goal given to ``begin``. ``answer``: the parameters of the redirect.

    Raises SignInError. Nothing in the answer counts before it belongs to a request of this browser.
    """
    asked = provider.framework.get_state_data(session, answer.get("state"))
    if asked is None:
        raise SignInError("expired", "state is not known to this browser")
    if answer.get("iss") != settings.issuer:
        # RFC 9207: an answer of another provider would have its code sent to Servicekonto, or ours to it.
        raise SignInError("invalid", "iss of the answer")
    if "error" in answer:
        provider.framework.clear_state_data(session, answer["state"])
        reason = "cancelled" if answer["error"] == "access_denied" else "invalid"
        raise SignInError(reason, answer["error"][:100])
    try:
        token = provider.authorize_access_token(
            claims_options={"iss": {"essential": True, "value": settings.issuer}}, leeway=LEEWAY_SECONDS
        )
        known = provider.userinfo(token=token)
    except (RequestException, WrongProviderError) as error:
        raise SignInError("unreachable", type(error).__name__) from error
    except (OAuthError, JoseError, ValueError) as error:
        raise SignInError("invalid", type(error).__name__) from error
    return _checked(token, known, settings, max_age=asked["max_age"]), asked["goal"]


def _checked(
    token: Mapping[str, Any], known: Mapping[str, Any], settings: Settings, *, max_age: int | None
) -> SignedIn:
    claims = token.get("userinfo") or {}  # Authlib's name for the claims of the ID token
    if claims.get("aud") not in (settings.client_id, [settings.client_id]):
        raise SignInError("invalid", "aud")  # Authlib accepts a token for somebody else whose azp we are
    if known.get("sub") != claims.get("sub"):
        raise SignInError("invalid", "sub of UserInfo")  # OpenID Connect Core § 5.3.2
    if claims.get("acr") not in LEVELS:
        raise SignInError("invalid", "acr")
    authenticated_at = claims.get("auth_time")
    if not isinstance(authenticated_at, int):
        raise SignInError("invalid", "auth_time")
    if max_age is not None and authenticated_at < time.time() - max_age - LEEWAY_SECONDS:
        raise SignInError("invalid", "auth_time is older than max_age")
    return SignedIn(
        sub=claims["sub"],
        sid=claims.get("sid"),
        level=claims["acr"],
        authenticated_at=authenticated_at,
        claims=dict(known),
        id_token=token["id_token"],
    )
