"""Signing keys: made, published, used, retired, deleted (``docs/decisions/2026-11-29-signing-keys.md``).

Whatever changes keys opens units of work of its own, because making an RSA key is slow, and needs the scope
of the system. One changes at a time; each change is one transaction.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy.orm import undefer

from servicekonto.audit import Action, record
from servicekonto.core.db import db, read_alone, reading, table_of, unit_of_work
from servicekonto.core.errors import NotFoundError
from servicekonto.oidc.capabilities import KEY_FAMILIES, Algorithm
from servicekonto.oidc.key_models import KeyFamily, KeyState, SigningKey

PUBLISHED_BEFORE = timedelta(hours=24)
"""So long everybody has time to see a key before it signs; ``max-age`` of the published keys is an hour."""

SIGNS_FOR = timedelta(days=90)

PUBLISHED_AFTER = timedelta(days=90)
"""So long a token signed last can be verified, as the hint of a logout or of another sign-in too."""

RSA_BITS = 3072

PUBLISHED = (KeyState.NEXT, KeyState.ACTIVE, KeyState.RETIRED)

PrivateKey = ECKey | RSAKey
PublicKey = ECKey | RSAKey

_KEY_TYPES: dict[KeyFamily, type[ECKey] | type[RSAKey]] = {KeyFamily.EC: ECKey, KeyFamily.RSA: RSAKey}
_PUBLIC_MEMBERS = {KeyFamily.EC: ("kty", "crv", "x", "y"), KeyFamily.RSA: ("kty", "n", "e")}
_ONE_CHANGE_AT_A_TIME = 730514  # advisory lock number, any constant

_table = table_of(SigningKey)
_is_published = sa.or_(*(_table.c.state == state for state in PUBLISHED))
_PUBLISHED = (
    sa.select(_table.c.kid, _table.c.family, _table.c.public_jwk).where(_is_published).order_by(_table.c.id)
)
_PUBLISHED_KIDS = sa.select(_table.c.kid).where(_is_published).order_by(_table.c.id)
_opened: dict[KeyFamily, "tuple[str, PrivateKey]"] = {}


class NoSigningKeyError(RuntimeError):
    """This installation has no keys yet: ``flask keys ensure`` or the worker makes them."""


class ForeignPrivateKeyError(RuntimeError):
    """The private key in this row does not belong to its ``kid``."""


@dataclass(frozen=True)
class Signer:
    """For the header ``{"alg": algorithm, "kid": kid}``."""

    algorithm: Algorithm
    kid: str
    key: PrivateKey


def signing_key(algorithm: Algorithm) -> Signer:
    """The one to sign with now. Raises NoSigningKeyError.

    Asks the database every time which one that is: a revoked key signs nothing more, in no process. Opening
    it is slow and happens once per process.
    """
    kid = db.session.scalar(sa.select(SigningKey.kid).where(*_is_active(KEY_FAMILIES[algorithm])))
    return signer(algorithm, kid)


def active_kid(algorithm: Algorithm) -> sa.ScalarSelect[str]:
    """To be asked along with something else."""
    return sa.select(SigningKey.kid).where(*_is_active(KEY_FAMILIES[algorithm])).scalar_subquery()


def signer(algorithm: Algorithm, kid: str | None) -> Signer:
    """``kid``: of the key that signs now, as the database has just said. Raises NoSigningKeyError."""
    family = KEY_FAMILIES[algorithm]
    known = _opened.get(family)
    if known is None or known[0] != kid:
        known = _opened[family] = _open(family)
    return Signer(algorithm, *known)


def public_jwks() -> dict[str, list[dict[str, Any]]]:
    """Everything that verifies tokens, or will (RFC 7517). No private member, whatever the table says."""
    return {"keys": [_published(row) for row in read_alone(_PUBLISHED, {})]}


def published_kids() -> tuple[str, ...]:
    """A ``kid`` is the thumbprint of its key: the same ones mean the same ``public_jwks``, and cost less."""
    return tuple(row.kid for row in read_alone(_PUBLISHED_KIDS, {}))


def published_key(kid: object, *, algorithm: object) -> PublicKey | None:
    """To verify with; None where it is unknown, revoked or for other algorithms."""
    family = next((family for known, family in KEY_FAMILIES.items() if known == algorithm), None)
    if not isinstance(kid, str) or family is None:
        return None
    row = db.session.scalar(
        sa.select(SigningKey).where(
            SigningKey.kid == kid, SigningKey.family == family, SigningKey.state.in_(PUBLISHED)
        )
    )
    return _KEY_TYPES[family].import_key(row.public_jwk) if row is not None else None


def all_keys() -> Sequence[SigningKey]:
    """The oldest first."""
    query = sa.select(SigningKey).order_by(SigningKey.family, SigningKey.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def ensure_keys(*, at: datetime) -> None:
    """Do what is due: make what is missing, change to the next key, delete what nobody needs any more."""
    with unit_of_work(read_only=True):
        rings = _rings()
        is_idle = not _to_delete(at) and all(ring.is_complete and not ring.is_due(at) for ring in rings)
        missing = [family for ring in rings for family in ring.missing(at)]
    if is_idle:
        return
    with _changing(missing) as fresh:
        for row in _to_delete(at):
            db.session.delete(row)
        for ring in _rings():
            if ring.is_due(at):
                ring.change_over(at=at)
            ring.complete(fresh, at=at)


def rotate(*, at: datetime, without_waiting: bool = False) -> list[str]:
    """Change to the next key now. Returns the ``kid`` of each that signs from here on.

    A family whose next key was not published long enough stays as it is, unless ``without_waiting``: then
    tokens are refused for a while wherever the published keys are cached.
    """
    with _changing(list(KeyFamily)) as fresh:
        rings = [ring for ring in _rings() if ring.is_ripe(at) or (without_waiting and ring.next)]
        for ring in rings:
            ring.change_over(at=at)
            ring.complete(fresh, at=at)
        return [ring.active.kid for ring in rings if ring.active]


def revoke(kid: str, *, at: datetime) -> None:
    """For a key that somebody else may have. It is published no more; the next one signs at once.

    Again: nothing. Raises NotFoundError.
    """
    with _changing(list(KeyFamily)) as fresh:
        row = db.session.scalar(sa.select(SigningKey).where(SigningKey.kid == kid))
        if row is None:
            raise NotFoundError(kid)
        if row.state is not KeyState.REVOKED:
            _end(row, KeyState.REVOKED, at=at)
            row.revoked_at = at
            db.session.flush()
            _record(Action.SIGNING_KEY_REVOKED, row, at=at)
            for ring in _rings():
                ring.complete(fresh, at=at)


class _Fresh:
    """Keys that were made before the transaction. What somebody else has used up is made inside it."""

    def __init__(self, wanted: Sequence[KeyFamily]) -> None:
        self._made = [(family, _generate(family)) for family in wanted]

    def take(self, family: KeyFamily) -> PrivateKey:
        for made in self._made:
            if made[0] is family:
                self._made.remove(made)
                return made[1]
        return _generate(family)


@dataclass
class _Ring:
    """The two keys of a family that sign, or will."""

    family: KeyFamily
    next: SigningKey | None = None
    active: SigningKey | None = None

    @property
    def is_complete(self) -> bool:
        return self.next is not None and self.active is not None

    def is_ripe(self, at: datetime) -> bool:
        return self.next is not None and self.next.created_at <= at - PUBLISHED_BEFORE

    def is_due(self, at: datetime) -> bool:
        since = self.active.activated_at if self.active else None
        return self.is_ripe(at) and since is not None and since <= at - SIGNS_FOR

    def missing(self, at: datetime) -> list[KeyFamily]:
        return [self.family] * ((self.next is None) + (self.active is None) or self.is_due(at))

    def change_over(self, *, at: datetime) -> None:
        if self.active:
            _end(self.active, KeyState.RETIRED, at=at)
            self.active.retired_at = at
            db.session.flush()  # before the other one takes its place in the unique index
        self.active, self.next = self.next, None
        if self.active:
            self.active.state, self.active.activated_at = KeyState.ACTIVE, at
            db.session.flush()
            _record(Action.SIGNING_KEY_ACTIVATED, self.active, at=at)

    def complete(self, fresh: _Fresh, *, at: datetime) -> None:
        """With no key that signs, one signs at once: nobody has cached anything to wait for."""
        if self.active is None:
            self.next = self.next or _add(fresh.take(self.family), self.family, at=at)
            self.change_over(at=at)
        self.next = self.next or _add(fresh.take(self.family), self.family, at=at)


@contextmanager
def _changing(wanted: Sequence[KeyFamily]) -> Iterator[_Fresh]:
    """On SQLite the write lock lets only one in."""
    fresh = _Fresh(wanted)
    with unit_of_work():
        if db.session.connection().dialect.name == "postgresql":
            db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_CHANGE_AT_A_TIME)))
        yield fresh


def _rings() -> list[_Ring]:
    rings = {family: _Ring(family) for family in KeyFamily}
    for row in all_keys():
        if row.state is KeyState.NEXT:
            rings[row.family].next = row
        if row.state is KeyState.ACTIVE:
            rings[row.family].active = row
    return list(rings.values())


def _to_delete(at: datetime) -> list[SigningKey]:
    return [row for row in all_keys() if row.delete_at is not None and row.delete_at <= at]


def _generate(family: KeyFamily) -> PrivateKey:
    if family is KeyFamily.EC:
        return ECKey.generate_key("P-256")
    return RSAKey.generate_key(RSA_BITS)


def _add(key: PrivateKey, family: KeyFamily, *, at: datetime) -> SigningKey:
    row = SigningKey(
        kid=key.thumbprint(),
        family=family,
        state=KeyState.NEXT,
        public_jwk=key.as_dict(private=False),
        private_key=key.as_bytes(encoding="DER", private=True),
        created_at=at,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _end(row: SigningKey, state: KeyState, *, at: datetime) -> None:
    """It signs no more, so its private part goes."""
    row.state = state
    row.private_key = None
    row.destroy_data_key()
    row.delete_at = at + PUBLISHED_AFTER


def _record(action: Action, row: SigningKey, *, at: datetime) -> None:
    record(action, row.id, authority_id=None, by=None, at=at, family=row.family, kid=row.kid)


def _is_active(family: KeyFamily) -> tuple[sa.ColumnElement[bool], ...]:
    return (SigningKey.family == family, SigningKey.state == KeyState.ACTIVE)


def _open(family: KeyFamily) -> tuple[str, PrivateKey]:
    query = sa.select(SigningKey).where(*_is_active(family)).options(undefer(SigningKey.private_key_sealed))
    with reading():  # a signed answer of UserInfo has no unit of work
        row = db.session.scalar(query.execution_options(populate_existing=True))
        private = row.private_key if row else None
    if row is None or private is None:
        raise NoSigningKeyError(family)
    key = _KEY_TYPES[family].import_key(private, {"kid": row.kid})
    if key.thumbprint() != row.kid:
        raise ForeignPrivateKeyError(row.kid)
    return row.kid, key


def _published(row: "sa.Row[*tuple[Any, ...]]") -> dict[str, Any]:
    """RSA keys sign with two algorithms, so ``alg`` is not told for them."""
    members = {name: row.public_jwk[name] for name in _PUBLIC_MEMBERS[row.family]}
    algorithms = [algorithm for algorithm, family in KEY_FAMILIES.items() if family is row.family]
    only = {"alg": algorithms[0]} if len(algorithms) == 1 else {}
    return {**members, "kid": row.kid, "use": "sig", **only}
