"""The public keys a website registers (RFC 7517): to prove who it is, and to get ID tokens encrypted.

They are typed in by the operator, never fetched: an address would be one more that somebody else can change.
"""

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from servicekonto.oidc import signed
from servicekonto.oidc.capabilities import ClientAlgorithm
from servicekonto.oidc.client_models import KeyAgreement

MOST_KEYS = 10
LONGEST = 20_000
LONGEST_KID = 200
SHOWN = 80  # of a name in a sentence
RSA_BITS = range(2048, 8193)
RSA_EXPONENT = "AQAB"
CURVES: Mapping[str, frozenset[str]] = {
    "EC": frozenset({"P-256", "P-384"}),
    "OKP": frozenset({"Ed25519"}),
    "RSA": frozenset({""}),
}
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
USES = ("sig", "enc")
_TEXTS = ("x", "y", "n", "e", "alg")
_PLAIN = re.compile(r"[A-Za-z0-9_+-]{1,2000}")
_KEPT = ("kty", "crv", "x", "y", "n", "e", "kid", "use", "alg")

Jwks = Mapping[str, Any]
PublicKey = ECKey | OKPKey | RSAKey


def read(text: str | None) -> Jwks | None:
    """What an operator typed or a file holds. Nothing is None; what is no JSON object is an empty set, for
    which there is a sentence.
    """
    if not (text or "").strip():
        return None
    try:
        found = json.loads(text or "") if len(text or "") <= LONGEST else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def written(jwks: Jwks | None) -> str:
    return json.dumps(jwks, indent=1) if jwks else ""


def problems(jwks: Jwks | None) -> Iterator[str]:
    """The caller takes the first sentence."""
    if jwks is None:
        return
    keys = jwks.get("keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        yield _("Geben Sie die Schlüssel als JSON ein, in dieser Form: %(form)s", form='{"keys": [ … ]}')
        return
    if len(keys) > MOST_KEYS:
        yield _("Möglich sind höchstens %(most)s Schlüssel.", most=MOST_KEYS)
    if any(PRIVATE_MEMBERS & key.keys() for key in keys):
        yield _(
            "Das ist ein geheimer Schlüssel. Er gilt nun als bekannt: Die Website braucht einen neuen. "
            "Geben Sie nur den öffentlichen Teil ein."
        )
    if not all(_is_kid(key.get("kid")) for key in keys) or len({key["kid"] for key in keys}) < len(keys):
        yield _("Jeder Schlüssel braucht einen eigenen Namen (kid).")
    yield from (
        _("Diesen Schlüssel können wir nicht brauchen: %(kid)s", kid=key["kid"][:SHOWN])
        for key in keys
        if not _is_usable(key)
    )


def kept(jwks: Jwks | None) -> dict[str, Any] | None:
    """As the column holds it: what belongs to a public key, no certificates and no addresses of some."""
    if jwks is None:
        return None
    return {"keys": [{name: key[name] for name in _KEPT if name in key} for key in jwks["keys"]]}


def keys_of(jwks: Jwks | None, *, use: str) -> Sequence[PublicKey]:
    """For ``sig`` or ``enc``, in the order they were registered; those without ``use`` serve for both."""
    found = jwks["keys"] if jwks else []
    return [_imported(key) for key in found if key.get("use", use) == use]


def can_verify(jwks: Jwks | None) -> bool:
    """Whether one of them is for a signature that we accept. Only of a set without problems."""
    return any(
        signed.is_for(key, algorithm) for key in (jwks or {}).get("keys", []) for algorithm in ClientAlgorithm
    )


def encryption_keys(jwks: Jwks | None, agreement: KeyAgreement) -> Sequence[PublicKey]:
    """That fit; the first one is used."""
    kind = RSAKey if agreement is KeyAgreement.RSA_OAEP_256 else ECKey
    return [key for key in keys_of(jwks, use="enc") if isinstance(key, kind)]


def _is_kid(kid: object) -> bool:
    return isinstance(kid, str) and 1 <= len(kid) <= LONGEST_KID and all("!" <= sign <= "~" for sign in kid)


def _is_usable(key: Mapping[str, Any]) -> bool:
    """RSA from 2048 bits, P-256, P-384 or Ed25519."""
    kind, curve = key.get("kty"), key.get("crv", "")
    if not isinstance(kind, str) or not isinstance(curve, str) or curve not in CURVES.get(kind, ()):
        return False
    if key.get("use", "sig") not in USES or not all(_is_plain(key.get(name, "x")) for name in _TEXTS):
        return False
    try:
        return (kind != "RSA" or _is_strong_rsa(key)) and _imported(key) is not None
    except (ValueError, TypeError, KeyError, AttributeError, JoseError):
        return False


def _is_plain(value: object) -> bool:
    """Base64url, or the name of an algorithm: the libraries skip what does not belong there."""
    return isinstance(value, str) and _PLAIN.fullmatch(value) is not None


def _is_strong_rsa(key: Mapping[str, Any]) -> bool:
    modulus = int.from_bytes(urlsafe_b64decode(key["n"].encode("ascii")))
    return modulus.bit_length() in RSA_BITS and key["e"] == RSA_EXPONENT


def _imported(key: Mapping[str, Any]) -> PublicKey:
    """Raises what the library raises."""
    return _parsed(json.dumps({name: key[name] for name in _KEPT if name in key and name != "alg"}))


@functools.lru_cache(maxsize=256)
def _parsed(text: str) -> PublicKey:
    """Once per process. The library checks lazily, so the public key is built here."""
    found = JWKRegistry.import_key(json.loads(text))
    assert isinstance(found, ECKey | OKPKey | RSAKey)  # noqa: S101 - CURVES knows no other
    assert found.public_key is not None  # noqa: S101
    return found
