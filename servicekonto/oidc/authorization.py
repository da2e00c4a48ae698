"""The parameters of an authorization request, judged once. Only after client and redirect URI are known to
belong together does anything lead back to the website (RFC 9700 § 4.11.2).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.core.settings import settings
from servicekonto.oidc import clients
from servicekonto.oidc.capabilities import (
    ACR_VALUES,
    CODE_CHALLENGE_METHODS,
    OFFLINE_ACCESS,
    RESPONSE_MODES,
    RESPONSE_TYPES,
)
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.decision import Wanted

_LEVELS = {uri: level for level, uri in ACR_VALUES.items()}

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
LONGEST = 2048
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_UNSUPPORTED = {"request": "request_not_supported", "request_uri": "request_uri_not_supported"}


class BadRequestError(Exception):
    """Nothing leads back: the page says what is wrong. ``reason`` is for the developer of the website."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RefusedError(Exception):
    """Leads back to the website with this error. ``description`` is plain ASCII."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Target:
    """Where the answer goes."""

    redirect_uri: str
    state: str | None

    def url(self, **parameters: str | None) -> str:
        """With ``iss`` always (RFC 9207), and ``state`` unchanged."""
        given = {**parameters, "state": self.state, "iss": settings().base_url}
        added = urlencode({name: value for name, value in given.items() if value is not None})
        parts = urlsplit(self.redirect_uri)
        query = f"{parts.query}&{added}" if parts.query else added
        return urlunsplit(parts._replace(query=query))


@dataclass(frozen=True)
class AuthorizationRequest:
    client: Client
    target: Target
    scopes: tuple[str, ...]
    nonce: str | None
    code_challenge: str | None
    wanted: Wanted
    login_hint: str | None
    ui_locales: str | None


def find_target(parameters: Mapping[str, Sequence[str]]) -> tuple[Client, Target]:
    """Raises BadRequestError: an unknown client, or a redirect URI that is not registered."""
    client_id = _single(parameters, "client_id")
    client = clients.by_client_id(client_id) if client_id and client_id.isascii() else None
    if client is None or not client.is_enabled:
        raise BadRequestError("client_id is missing or unknown")
    redirect_uri = _single(parameters, "redirect_uri")
    if not redirect_uri or not clients.is_registered_redirect(client, redirect_uri):
        raise BadRequestError("redirect_uri is missing or not registered")
    state = parameters.get("state", [])
    return client, Target(redirect_uri, state[0] if len(state) == 1 else None)


def read(parameters: Mapping[str, Sequence[str]], client: Client, target: Target) -> AuthorizationRequest:
    """Raises RefusedError."""
    _assert_each_once(parameters)
    for name, error in _UNSUPPORTED.items():
        if name in parameters:
            raise RefusedError(error, f"{name} is not supported")
    given = {name: values[0] for name, values in parameters.items()}
    if given.get("response_type") not in RESPONSE_TYPES:
        raise RefusedError("unsupported_response_type", "only response_type=code is supported")
    if given.get("response_mode", "query") not in RESPONSE_MODES:
        raise RefusedError("invalid_request", "only response_mode=query is supported")
    return AuthorizationRequest(
        client=client,
        target=target,
        scopes=_scopes(given, client),
        nonce=given.get("nonce"),
        code_challenge=_challenge(given, client),
        wanted=_wanted(given, client),
        login_hint=given.get("login_hint"),
        ui_locales=given.get("ui_locales"),
    )


def _single(parameters: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = parameters.get(name, [])
    if len(values) > 1:
        raise BadRequestError(f"{name} is there more than once")
    return values[0] if values and len(values[0]) <= LONGEST else None


def _assert_each_once(parameters: Mapping[str, Sequence[str]]) -> None:
    """RFC 6749 § 3.1."""
    for name, values in parameters.items():
        if len(values) > 1:
            raise RefusedError("invalid_request", "a parameter is there more than once")
        if len(values[0]) > LONGEST or "\0" in values[0] or len(name) > 100:
            raise RefusedError("invalid_request", "a parameter is too long or not readable")


def _scopes(given: Mapping[str, str], client: Client) -> tuple[str, ...]:
    """Unknown ones are ignored (OpenID Connect Core § 3.1.2.1), so are those this website may not ask for,
    and offline access without the question for consent (§ 11).
    """
    asked = list(dict.fromkeys(given.get("scope", "").split()))
    if "openid" not in asked:
        raise RefusedError("invalid_scope", "scope must contain openid")
    allowed = {"openid", *client.scopes}
    if client.offline_access and "consent" in given.get("prompt", "").split():
        allowed.add(OFFLINE_ACCESS)
    return tuple(scope for scope in asked if scope in allowed)


def _challenge(given: Mapping[str, str], client: Client) -> str | None:
    """S256 alone: ``plain`` protects nothing (RFC 9700 § 2.1.1)."""
    challenge, method = given.get("code_challenge"), given.get("code_challenge_method")
    if challenge is None and method is None:
        if client.require_pkce:
            raise RefusedError("invalid_request", "code_challenge is required")
        return None
    if method not in CODE_CHALLENGE_METHODS or challenge is None or not _CHALLENGE.fullmatch(challenge):
        raise RefusedError("invalid_request", "code_challenge_method must be S256")
    return challenge


def _wanted(given: Mapping[str, str], client: Client) -> Wanted:
    asked = [_LEVELS[uri] for uri in given.get("acr_values", "").split() if uri in _LEVELS]
    lowest = min(asked, key=_rank, default=AssuranceLevel.LOW)
    is_essential = client.min_level.reaches(lowest)
    return Wanted(
        prompts=_prompts(given.get("prompt", "")),
        max_age=_max_age(given.get("max_age")),
        level=client.min_level if is_essential else lowest,
        is_essential=is_essential,
    )


def _prompts(text: str) -> frozenset[str]:
    prompts = frozenset(text.split())
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise RefusedError("invalid_request", "prompt is not valid")
    return prompts


def _max_age(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise RefusedError("invalid_request", "max_age must be a number of seconds")
    return timedelta(seconds=int(text))


def _rank(level: AssuranceLevel) -> int:
    return list(AssuranceLevel).index(level)
