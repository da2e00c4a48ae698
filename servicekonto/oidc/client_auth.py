"""How a website proves that it is the one: by a signature, or by a secret. Any bytes may come."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError

from servicekonto.core import clock
from servicekonto.core.settings import settings
from servicekonto.oidc import jti, signed
from servicekonto.oidc.client_models import AuthMethod, Client
from servicekonto.oidc.signed import NotValidError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_LIFE = timedelta(minutes=5)
_UNAUTHORIZED = 401


class Authenticating(Protocol):
    """What Authlib calls a client (``server.ClientForAuthlib``)."""

    client: Client

    def check_client_secret(self, secret: str) -> bool: ...


Query = Callable[[str], Authenticating | None]


def by_basic(query_client: Query, oauth2_request: Any) -> Authenticating | None:
    """RFC 6749 § 2.3.1: both parts are form-encoded before they are joined."""
    scheme, _, encoded = oauth2_request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, found, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise InvalidClientError(status_code=_UNAUTHORIZED) from error
    client = query_client(unquote_plus(client_id)) if found else None
    if client is None or not client.check_client_secret(unquote_plus(secret)):
        raise InvalidClientError(status_code=_UNAUTHORIZED)
    return client


def by_private_key(query_client: Query, oauth2_request: Any) -> Authenticating | None:
    """RFC 7523 § 3, as FAPI 2.0 § 5.3.2.1 wants it. None when there is no assertion."""
    form: Mapping[str, str] = oauth2_request.form
    if "client_assertion" not in form and "client_assertion_type" not in form:
        return None
    try:
        _assert_only_way(form, oauth2_request.headers)
        return _signer(query_client, form, at=clock.now())
    except NotValidError as error:
        raise InvalidClientError(f"client_assertion: {error}", status_code=_UNAUTHORIZED) from error


METHODS = {AuthMethod.PRIVATE_KEY: by_private_key, AuthMethod.BASIC: by_basic}
"""In place of, or besides those of Authlib."""


def _assert_only_way(form: Mapping[str, str], headers: Mapping[str, str]) -> None:
    """RFC 6749 § 2.3: one method in one request."""
    if "client_secret" in form or "Authorization" in headers:
        raise NotValidError("there is another way of authentication besides")


def _signer(query_client: Query, form: Mapping[str, str], *, at: datetime) -> Authenticating:
    """Who it says it is, is read before the signature, and believed after it."""
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise NotValidError("client_assertion_type is not that of a JWT")
    assertion = form.get("client_assertion", "")
    client_id = signed.unverified_claims(assertion).get("sub")
    client = query_client(client_id) if isinstance(client_id, str) else None
    if client is None or client.client.token_endpoint_auth_method is not AuthMethod.PRIVATE_KEY:
        raise NotValidError("sub is not a client that authenticates like this")
    claims = signed.claims_by_one_of(client.client.jwks, assertion)
    _check(claims, client.client, at=at)
    if form.get("client_id", client_id) != client_id:
        raise NotValidError("client_id is another one")
    _use_up(claims, client.client)
    return client


def _check(claims: Mapping[str, object], client: Client, *, at: datetime) -> None:
    """``aud`` is the issuer, as a string: an address that somebody else could have told the website, or a
    list, would let a third party use the assertion here.
    """
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise NotValidError("iss and sub are not both client_id")
    if claims.get("aud") != settings().base_url:
        raise NotValidError("aud is not the issuer alone")
    signed.assert_begun(claims, at=at)
    ends, begins = signed.time_in(claims, "exp"), signed.time_in(claims, "iat")
    if ends is None or ends + signed.TOLERANCE.total_seconds() <= at.timestamp():
        raise NotValidError("exp is missing or past")
    if ends - max(at.timestamp(), begins or 0) > LONGEST_LIFE.total_seconds():
        raise NotValidError("exp is more than 5 minutes ahead")


def _use_up(claims: Mapping[str, object], client: Client) -> None:
    ends = signed.time_in(claims, "exp")
    assert ends is not None  # noqa: S101 - checked before
    until = datetime.fromtimestamp(ends, tz=UTC) + signed.TOLERANCE
    if not jti.use("assertion", client.client_id, signed.jti_in(claims), until=until):
        raise NotValidError("jti was there before")
