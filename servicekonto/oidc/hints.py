"""What a website says about whom it expects: an earlier ID token, an address, languages."""

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from servicekonto.accounts import addresses
from servicekonto.core.settings import settings
from servicekonto.oidc import keys
from servicekonto.oidc.authorization import RefusedError
from servicekonto.oidc.capabilities import KEY_FAMILIES
from servicekonto.oidc.client_models import Client
from servicekonto.web.i18n import LANGUAGES

ONLY_IN_ID_TOKENS = frozenset({"sub", "iat", "exp", "auth_time", "acr", "at_hash"})
_NEVER_IN_ID_TOKENS = frozenset({"events", "token_introspection"})


class NoIdTokenError(Exception):
    """Not one of ours, not for this website, or another kind of token."""


def subject_of(text: str, client: Client) -> str:
    """Whom the website means by ``id_token_hint``. Raises RefusedError."""
    try:
        return str(claims_of_id_token(text, client)["sub"])
    except NoIdTokenError as error:
        raise RefusedError("invalid_request", "id_token_hint is no ID token of this client") from error


def claims_of_id_token(text: str, client: Client) -> dict[str, Any]:
    """An ID token that was issued here to this client, also long ago. Raises NoIdTokenError.

    Other tokens are signed with the same keys. They are told apart by their type and by what only ID tokens
    contain.
    """
    try:
        token = jwt.decode(text, _key_of, algorithms=list(KEY_FAMILIES))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NoIdTokenError("signature") from error
    claims = token.claims
    is_id_token = (
        token.header.get("typ") == "JWT"
        and claims.keys() >= ONLY_IN_ID_TOKENS
        and not claims.keys() & _NEVER_IN_ID_TOKENS
    )
    if not is_id_token or claims.get("iss") != settings().base_url or claims.get("aud") != client.client_id:
        raise NoIdTokenError("claims")
    return dict(claims)


def address_in(login_hint: str | None) -> str | None:
    """Only what looks like an address is shown on a page of ours."""
    return addresses.normalised(login_hint) if login_hint else None


def language_in(ui_locales: str | None) -> str | None:
    """The first that we have (BCP 47)."""
    asked = (tag.partition("-")[0].lower() for tag in (ui_locales or "").split())
    return next((language for language in asked if language in LANGUAGES), None)


def _key_of(token: Any) -> keys.PublicKey:
    header = token.headers()
    found = keys.published_key(header.get("kid"), algorithm=header.get("alg"))
    if found is None:
        raise ValueError("unknown key")
    return found
