"""Signed texts that clients send (JWT, RFC 7519): assertions and proofs. Any bytes may come."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwa import EdDSAAlgorithm
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from servicekonto.oidc.capabilities import ClientAlgorithm

TOLERANCE = timedelta(seconds=60)
"""So far may a clock of others be away from ours, in either direction."""

LONGEST = 8192
LONGEST_JTI = 255
RSA_BITS = range(2048, 8193)

Key = ECKey | RSAKey | OKPKey

_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_LONGEST_MEMBER = {"n": 1366, "e": 8}  # the rest is as long as its curve
_END_OF_TIME = 1e12  # nothing compares with NaN, and no larger number is a date
_BROKEN = (JoseError, ValueError, TypeError, KeyError, RecursionError)


class NotValidError(ValueError):
    """``str(error)`` says why, in plain ASCII and without anything of what was sent."""


@dataclass(frozen=True)
class _Kind:
    """What a key for one algorithm looks like as a JWK. ``fixed``: members that can only be this."""

    type: type[Key]
    fixed: Mapping[str, str]
    members: tuple[str, ...]


_KINDS: dict[ClientAlgorithm, _Kind] = {
    ClientAlgorithm.ES256: _Kind(ECKey, {"kty": "EC", "crv": "P-256"}, ("x", "y")),
    ClientAlgorithm.PS256: _Kind(RSAKey, {"kty": "RSA"}, ("n", "e")),
    ClientAlgorithm.EDDSA: _Kind(OKPKey, {"kty": "OKP", "crv": "Ed25519"}, ("x",)),
}


class _EdDSA(EdDSAAlgorithm):
    """RFC 9864 calls it Ed25519; FAPI 2.0 and what is installed everywhere do not yet."""

    security_warning = ""


class _Registry(JWSRegistry):
    """The header of a proof carries a key: for RSA that is more than usual."""

    max_header_length = 4096
    algorithms = {**JWSRegistry.algorithms, "EdDSA": _EdDSA()}


_REGISTRY = _Registry(algorithms=list(ClientAlgorithm), strict_check_header=False)


def header_of(text: str) -> dict[str, Any]:
    """Not verified yet; ``alg`` is one of ours. Raises NotValidError."""
    header = _part(text, 0)
    if header.get("alg") not in list(ClientAlgorithm):
        raise NotValidError("alg is not one of " + ", ".join(ClientAlgorithm))
    return header


def unverified_claims(text: str) -> dict[str, Any]:
    """Only to find out whose key to try. Raises NotValidError."""
    return _part(text, 1)


def public_key(jwk: object, algorithm: ClientAlgorithm) -> Key:
    """Raises NotValidError for a private one, another kind of key, or one that is too short or too long."""
    kind = _KINDS[algorithm]
    if not isinstance(jwk, dict) or _PRIVATE_MEMBERS & jwk.keys():
        raise NotValidError("the key is not a public JWK")
    if any(jwk.get(name) != value for name, value in kind.fixed.items()):
        raise NotValidError("the key does not fit alg")
    members = {name: jwk.get(name) for name in kind.members}
    for name, value in members.items():
        if not isinstance(value, str) or len(value) > _LONGEST_MEMBER.get(name, 43):
            raise NotValidError("the key is not a public JWK")
    return _imported(algorithm, tuple(members.items()))


def claims_in(text: str, key: Key) -> dict[str, Any]:
    """Signed with this key. Raises NotValidError."""
    try:
        return dict(jwt.decode(text, key, registry=_REGISTRY).claims)
    except _BROKEN as error:
        raise NotValidError("the signature does not fit, or there are no claims") from error


def claims_by_one_of(jwks: Mapping[str, Any] | None, text: str) -> dict[str, Any]:
    """Signed with one of these keys (RFC 7517), named by ``kid`` or not. Raises NotValidError.

    Without ``kid`` each that fits is tried: while somebody changes the key there are two.
    """
    header = header_of(text)
    algorithm = ClientAlgorithm(header["alg"])
    for jwk in (jwks or {}).get("keys", []):
        if header.get("kid") in (None, jwk.get("kid")) and is_for(jwk, algorithm):
            try:
                return claims_in(text, public_key(jwk, algorithm))
            except NotValidError:
                continue
    raise NotValidError("no registered key has signed it")


def is_for(jwk: Mapping[str, Any], algorithm: ClientAlgorithm) -> bool:
    fits = all(jwk.get(name) == value for name, value in _KINDS[algorithm].fixed.items())
    return fits and jwk.get("use", "sig") == "sig" and jwk.get("alg", algorithm) == algorithm


def time_in(claims: Mapping[str, object], name: str) -> float | None:
    """Seconds since 1970; None when it is not there. Raises NotValidError."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _END_OF_TIME:
        raise NotValidError(f"{name} is not a time")
    return value


def assert_begun(claims: Mapping[str, object], *, at: datetime) -> None:
    """By ``iat`` and ``nbf``, where they are. Raises NotValidError."""
    latest = (at + TOLERANCE).timestamp()
    for name in ("iat", "nbf"):
        begins = time_in(claims, name)
        if begins is not None and begins > latest:
            raise NotValidError(f"{name} lies in the future")


def jti_in(claims: Mapping[str, object]) -> str:
    """Raises NotValidError."""
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= LONGEST_JTI:
        raise NotValidError("jti is missing")
    return jti


def _part(text: str, number: int) -> dict[str, Any]:
    if not text.isascii() or text.count(".") != 2 or len(text) > LONGEST:
        raise NotValidError("not a signed JWT")
    try:
        found = json.loads(urlsafe_b64decode(text.split(".")[number].encode("ascii")))
    except _BROKEN as error:
        raise NotValidError("not a signed JWT") from error
    if not isinstance(found, dict):
        raise NotValidError("not a signed JWT")
    return found


@functools.lru_cache(maxsize=512)
def _imported(algorithm: ClientAlgorithm, members: tuple[tuple[str, str], ...]) -> Key:
    kind = _KINDS[algorithm]
    try:
        key = kind.type.import_key({**kind.fixed, **dict(members)})
        size = key.public_key.key_size if isinstance(key, RSAKey) else None
    except _BROKEN as error:
        raise NotValidError("the key is not a public JWK") from error
    if size is not None and size not in RSA_BITS:
        raise NotValidError("an RSA key has 2048 to 8192 bits")
    return key
