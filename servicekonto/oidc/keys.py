"""Signing keys: made, published, used, retired, deleted (``docs/decisions/2026-11-29-signing-keys.md``)."""

from dataclasses import dataclass

import sqlalchemy as sa
from joserfc.jwk import ECKey, RSAKey

from servicekonto.core.db import db
from servicekonto.oidc.capabilities import KEY_FAMILIES, Algorithm
from servicekonto.oidc.key_models import KeyFamily, KeyState, SigningKey

PrivateKey = ECKey | RSAKey

_KEY_TYPES: dict[KeyFamily, type[ECKey] | type[RSAKey]] = {KeyFamily.EC: ECKey, KeyFamily.RSA: RSAKey}
_opened: dict[str, PrivateKey] = {}


class NoSigningKeyError(RuntimeError):
    """This installation has no keys yet: the worker makes them, or ``flask keys rotate``."""


@dataclass(frozen=True)
class Signer:
    """For the header ``{"alg": algorithm, "kid": kid}``."""

    algorithm: Algorithm
    kid: str
    key: PrivateKey


def signing_key(algorithm: Algorithm) -> Signer:
    """The one to sign with now. Raises NoSigningKeyError.

    Asks the database which one that is, every time: a revoked key signs nothing more, in no process. Opening
    it is slow and happens once per process.
    """
    family = KEY_FAMILIES[algorithm]
    is_active = sa.and_(SigningKey.family == family, SigningKey.state == KeyState.ACTIVE)
    kid = db.session.scalar(sa.select(SigningKey.kid).where(is_active))
    if kid is None:
        raise NoSigningKeyError(family)
    return Signer(algorithm, kid, _opened.get(kid) or _open(kid))


def _open(kid: str) -> PrivateKey:
    row = db.session.scalars(sa.select(SigningKey).where(SigningKey.kid == kid)).one()
    private = row.private_key
    assert private is not None  # noqa: S101 - the database holds that active keys have one
    key = _KEY_TYPES[row.family].import_key(private, {"kid": kid})
    _opened[kid] = key
    return key
