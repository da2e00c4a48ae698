"""The parameters of an authorization request, judged once. Only after client and redirect URI are known to
belong together does anything lead back to the website (RFC 9700 § 4.11.2).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.core.settings import settings
from servicekonto.oidc import assurance, claim_requests, clients
from servicekonto.oidc.capabilities import (
    CODE_CHALLENGE_METHODS,
    OFFLINE_ACCESS,
    PROMPTS,
    RESPONSE_MODES,
    RESPONSE_TYPES,
)
from servicekonto.oidc.claim_requests import ClaimRequests
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.decision import Error, Wanted

_LEVELS = {uri: level for level, uri in assurance.URIS.items()}

LONGEST = 2048
LONGER = {"claims": 4096, "id_token_hint": 8192, "request": 16384}
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
QUERY, FORM_POST = RESPONSE_MODES


class BadRequestError(Exception):
    """Nothing leads back: the page says what is wrong. ``reason`` is for the developer of the website."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RefusedError(Exception):
    """Leads back to the website with this error. ``description`` is plain ASCII. ``target``: where to, when
    whoever catches it cannot know.
    """

    target: "Target | None" = None

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Target:
    """Where the answer goes, and how: in the address, or in a form that the browser posts."""

    redirect_uri: str
    state: str | None
    response_mode: str = QUERY

    def answer(self, **parameters: str | None) -> dict[str, str]:
        """With ``iss`` always (RFC 9207), and ``state`` unchanged."""
        given = {**parameters, "state": self.state, "iss": settings().base_url}
        return {name: value for name, value in given.items() if value is not None}

    def url(self, **parameters: str | None) -> str:
        added = urlencode(self.answer(**parameters))
        parts = urlsplit(self.redirect_uri)
        query = f"{parts.query}&{added}" if parts.query else added
        return urlunsplit(parts._replace(query=query))

    @property
    def origin(self) -> str:
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class AuthorizationRequest:
    """``hinted_sub``: whom the website means. ``login_hint``: an address to begin with."""

    client: Client
    target: Target
    scopes: tuple[str, ...]
    nonce: str | None
    code_challenge: str | None
    wanted: Wanted
    ui_locales: str | None
    claims: ClaimRequests = field(default_factory=ClaimRequests)
    login_hint: str | None = None
    hinted_sub: str | None = None
    dpop_jkt: str | None = None


def find_client(parameters: Mapping[str, Sequence[str]]) -> Client:
    """Raises BadRequestError."""
    client_id = _single(parameters, "client_id")
    client = clients.by_client_id(client_id) if client_id and client_id.isascii() else None
    if client is None or not client.is_enabled:
        raise BadRequestError("client_id is missing or unknown")
    return client


def find_target(parameters: Mapping[str, Sequence[str]], client: Client) -> Target:
    """Raises BadRequestError for a redirect URI that is not registered."""
    redirect_uri = _single(parameters, "redirect_uri")
    if not redirect_uri or not clients.is_registered_redirect(client, redirect_uri):
        raise BadRequestError("redirect_uri is missing or not registered")
    return target_of(parameters)


def target_of(parameters: Mapping[str, Sequence[str]]) -> Target:
    """Of parameters whose redirect URI is known to belong to the website."""
    state, mode = parameters.get("state", []), parameters.get("response_mode", [])
    return Target(
        parameters["redirect_uri"][0],
        state[0] if len(state) == 1 else None,
        FORM_POST if mode == [FORM_POST] else QUERY,
    )


def read(parameters: Mapping[str, Sequence[str]], client: Client, target: Target) -> AuthorizationRequest:
    """Raises RefusedError."""
    assert_each_once(parameters)
    given = {name: values[0] for name, values in parameters.items()}
    if given.get("response_type") not in RESPONSE_TYPES:
        raise RefusedError("unsupported_response_type", "only response_type=code is supported")
    if given.get("response_mode", QUERY) not in RESPONSE_MODES:
        raise RefusedError("invalid_request", "response_mode is query or form_post")
    scopes, claims = _scopes(given, client), _claims(given.get("claims"), client)
    return AuthorizationRequest(
        client=client,
        target=target,
        scopes=scopes,
        nonce=given.get("nonce"),
        code_challenge=_challenge(given, client),
        wanted=_wanted(given, claims, client),
        ui_locales=given.get("ui_locales"),
        claims=claims,
        login_hint=given.get("login_hint"),
        hinted_sub=claims.sub,
        dpop_jkt=_dpop_jkt(given.get("dpop_jkt")),
    )


def _single(parameters: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = parameters.get(name, [])
    if len(values) > 1:
        raise BadRequestError(f"{name} is there more than once")
    return values[0] if values and len(values[0]) <= LONGEST else None


def assert_each_once(parameters: Mapping[str, Sequence[str]]) -> None:
    """RFC 6749 § 3.1."""
    for name, values in parameters.items():
        if len(values) > 1:
            raise RefusedError("invalid_request", "a parameter is there more than once")
        if len(values[0]) > LONGER.get(name, LONGEST) or "\0" in values[0] or len(name) > 100:
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


def _dpop_jkt(thumbprint: str | None) -> str | None:
    """RFC 9449 § 10: the key without which the code is worth nothing."""
    if thumbprint is not None and not _CHALLENGE.fullmatch(thumbprint):
        raise RefusedError("invalid_request", "dpop_jkt is not a SHA-256 thumbprint")
    return thumbprint


def _claims(text: str | None, client: Client) -> ClaimRequests:
    try:
        return claim_requests.read(text, scopes=client.scopes)
    except claim_requests.MalformedError as error:
        raise RefusedError("invalid_request", f"claims is not valid: {error}") from error


def _wanted(given: Mapping[str, str], claims: ClaimRequests, client: Client) -> Wanted:
    return Wanted(
        prompts=_prompts(given.get("prompt", "")),
        max_age=_max_age(given.get("max_age"), client),
        minimum=client.min_level,
        levels=_levels(given.get("acr_values", ""), claims, client),
        is_essential=claims.acr_is_essential,
    )


def _levels(acr_values: str, claims: ClaimRequests, client: Client) -> tuple[AssuranceLevel, ...]:
    """In their order, none below the least of the website. Those we do not know are ignored."""
    asked = claims.acr_values or acr_values.split()
    known = [max(_LEVELS[uri], client.min_level, key=assurance.rank) for uri in asked if uri in _LEVELS]
    if claims.acr_is_essential and not known:
        raise RefusedError(Error.UNMET, "none of these levels exists here")
    return tuple(dict.fromkeys(known))


def _prompts(text: str) -> frozenset[str]:
    prompts = frozenset(text.split())
    if not prompts <= set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
        raise RefusedError("invalid_request", "prompt is not valid")
    return prompts


def _max_age(text: str | None, client: Client) -> timedelta | None:
    if text is None:
        default = client.default_max_age
        return None if default is None else timedelta(seconds=default)
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise RefusedError("invalid_request", "max_age must be a number of seconds")
    return timedelta(seconds=int(text))
