"""Signing keys that exist already."""

import functools
from datetime import datetime

from joserfc.jwk import ECKey, RSAKey

from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc.key_models import KeyFamily, KeyState, SigningKey
from tests.builders.accounts import SOME_DAY


def create_signing_keys(*, at: datetime = SOME_DAY) -> None:
    """One of each family that signs since ``at`` and one that follows, the same in every test of a process:
    making them takes longer than most tests.
    """
    with unit_of_work():
        for family in KeyFamily:
            db.session.add(_row(family, KeyState.ACTIVE, at, activated_at=at))
            db.session.add(_row(family, KeyState.NEXT, at))


@functools.cache
def made(family: KeyFamily, state: KeyState) -> ECKey | RSAKey:
    return ECKey.generate_key("P-256") if family is KeyFamily.EC else RSAKey.generate_key(2048)


def _row(
    family: KeyFamily, state: KeyState, created_at: datetime, activated_at: datetime | None = None
) -> SigningKey:
    key = made(family, state)
    return SigningKey(
        kid=key.thumbprint(),
        family=family,
        state=state,
        public_jwk=key.as_dict(private=False),
        private_key=key.as_bytes(encoding="DER", private=True),
        created_at=created_at,
        activated_at=activated_at,
    )
