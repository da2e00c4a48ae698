"""Tokens that work only together with a key of the client: DPoP (RFC 9449).

There is no nonce of the server: see ``docs/decisions/2026-11-29-keys-of-websites.md``.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError
from flask import request

from servicekonto.core.settings import settings
from servicekonto.oidc import jti, signed
from servicekonto.oidc.capabilities import ClientAlgorithm
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.signed import NotValidError

HEADER = "DPoP"
TOKEN_TYPE = "DPoP"  # noqa: S105 - the name of a type
_TYPE = "dpop+jwt"
_DEFAULT_PORTS = {"https": 443, "http": 80}
_VISIBLE = re.compile(r"[!-~]{1,2000}")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


class InvalidProofError(OAuth2Error):  # type: ignore[misc]
    error = "invalid_dpop_proof"


@dataclass(frozen=True)
class Proof:
    """``jkt``: thumbprint of the key (RFC 7638, SHA-256)."""

    jkt: str
    jti: str
    ends_at: datetime

    def use_up(self) -> None:
        """Raises InvalidProofError for one that was there before. Everything else is checked before, so that
        only who has a token or a code leaves a row.
        """
        if not jti.use("proof", self.jkt, self.jti, until=self.ends_at):
            raise InvalidProofError("jti was there before")


def proof_of_request(*, at: datetime, access_token: str | None = None) -> Proof | None:
    """That comes with the current request; None without the header. Raises InvalidProofError.

    ``access_token``: the one that is presented together with it, at a resource.
    """
    texts = request.headers.getlist(HEADER)
    if not texts:
        return None
    try:
        if len(texts) > 1:
            raise NotValidError("there is more than one")
        return _read(texts[0], method=request.method, path=request.path, access_token=access_token, at=at)
    except NotValidError as error:
        raise InvalidProofError(str(error)) from error


def proof_of_token(access_token: str, *, at: datetime) -> Proof:
    """That has to come with this token. Raises InvalidProofError."""
    proof = proof_of_request(at=at, access_token=access_token)
    if proof is None:
        raise InvalidProofError("a DPoP proof is required")
    return proof


def key_of_exchange(client: Client, *, bound_to: str | None, at: datetime) -> str | None:
    """Of the proof with which a client asks for tokens; None: for bearer tokens, which not every client may.

    ``bound_to``: the key of what it exchanges. Raises InvalidProofError, InvalidGrantError for another key.
    """
    proof = proof_of_request(at=at)
    if proof is None:
        if client.dpop_bound_access_tokens or bound_to is not None:
            raise InvalidProofError("a DPoP proof is required")
        return None
    if bound_to not in {None, proof.jkt}:
        raise InvalidGrantError("it is bound to another key")
    proof.use_up()
    return proof.jkt


def token_type(jkt: str | None) -> str:
    return "Bearer" if jkt is None else TOKEN_TYPE


def key_of_pushed_request(dpop_jkt: str | None, *, at: datetime) -> str | None:
    """For a pushed authorization request (RFC 9449 § 10.1): the key its code will be bound to, by the
    parameter ``dpop_jkt``, by a proof that comes with it, or by both alike. Raises InvalidProofError.
    """
    proof = proof_of_request(at=at)
    if proof is None:
        return dpop_jkt
    if dpop_jkt not in {None, proof.jkt}:
        raise InvalidProofError("dpop_jkt is the thumbprint of another key")
    proof.use_up()
    return proof.jkt


def confirmation(jkt: str | None) -> dict[str, object]:
    """What introspection tells about a token besides (RFC 9449 § 6.2)."""
    return {"token_type": token_type(jkt)} | ({} if jkt is None else {"cnf": {"jkt": jkt}})


def challenge(error: str | None = None) -> str:
    """For ``WWW-Authenticate`` (RFC 9449 § 7.1)."""
    found = f'DPoP algs="{" ".join(ClientAlgorithm)}"'
    return found if error is None else f'{found}, error="{error}"'


def _read(text: str, *, method: str, path: str, access_token: str | None, at: datetime) -> Proof:
    header = signed.header_of(text)
    if header.get("typ") != _TYPE:
        raise NotValidError("typ is not dpop+jwt")
    key = signed.public_key(header.get("jwk"), ClientAlgorithm(header["alg"]))
    claims = signed.claims_in(text, key)
    if claims.get("htm") != method:
        raise NotValidError("htm is another method")
    htu = claims.get("htu")
    if not isinstance(htu, str) or _normalised(htu) != _address(path):
        raise NotValidError("htu is another address")
    if access_token is not None and not _fits(claims.get("ath"), access_token):
        raise NotValidError("ath is that of another token")
    return Proof(key.thumbprint(), signed.jti_in(claims), _end_of(claims, at=at))


def _end_of(claims: dict[str, object], *, at: datetime) -> datetime:
    signed.assert_begun(claims, at=at)
    made = signed.time_in(claims, "iat")
    if made is None:
        raise NotValidError("iat is missing")
    ends_at = datetime.fromtimestamp(min(made, signed.time_in(claims, "exp") or made), tz=UTC)
    if ends_at + signed.TOLERANCE < at:
        raise NotValidError("iat is too long ago")
    return ends_at + signed.TOLERANCE


def _fits(ath: object, access_token: str) -> bool:
    digest = hashlib.sha256(access_token.encode()).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return isinstance(ath, str) and ath.isascii() and hmac.compare_digest(ath, expected)


def _address(path: str) -> str | None:
    """Of this request, by the configuration: what it says about its host is not asked."""
    return _normalised(settings().base_url + quote(path))


def _normalised(address: str) -> str | None:
    """RFC 3986 § 6.2.2 and § 6.2.3, without query and fragment. None when it is no address."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if not _VISIBLE.fullmatch(address) or "@" in parts.netloc:
        return None
    scheme = parts.scheme.lower()
    name = f"[{host}]" if ":" in host else host
    shown_port = f":{port}" if port not in {None, _DEFAULT_PORTS.get(scheme)} else ""
    return f"{scheme}://{name}{shown_port}{_ESCAPED.sub(_unescaped, parts.path or '/')}"


def _unescaped(match: re.Match[str]) -> str:
    sign = chr(int(match[1], 16))
    return sign if _UNRESERVED.fullmatch(sign) else match[0].upper()
