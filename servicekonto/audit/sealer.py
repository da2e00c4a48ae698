"""Numbers entries and chains them, one chain per authority and one for the platform.

Entries are written unsealed: chaining them in the transaction of the act would let one act happen at a time.
The order of the chain is the order of sealing. An entry that becomes visible late, because its transaction
took long, comes after those that were sealed meanwhile, whatever its time.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from servicekonto.audit.chain import GENESIS, SEAL, TABLE, entry_hash, id_of, payload_hash, stored_rows
from servicekonto.audit.keys import ChainKey, key_in_use, known_keys
from servicekonto.audit.models import AuditEntry
from servicekonto.core.db import db, execute, unit_of_work

AT_ONCE = 500
_ONE_SEALER_AT_A_TIME = 730513  # advisory lock number, any constant

_WAITING = (
    stored_rows().where(TABLE.c.sealed_at.is_(None)).order_by(TABLE.c.id).limit(sa.bindparam("at_most"))
)
_LAST = (
    sa.select(TABLE.c.number, TABLE.c.hash, TABLE.c.key_id)
    .where(TABLE.c.number.is_not(None))
    .order_by(TABLE.c.number.desc())
    .limit(1)
)
_LAST_OF_AUTHORITY = _LAST.where(TABLE.c.authority_id == sa.bindparam("authority"))
_LAST_OF_PLATFORM = _LAST.where(TABLE.c.authority_id.is_(None))
_SEAL = (
    sa.update(TABLE)
    .where(TABLE.c.id == sa.bindparam("entry_id"), TABLE.c.sealed_at.is_(None))
    .values({name: sa.bindparam(f"new_{name}") for name in SEAL})
)


class UnknownChainKeyError(Exception):
    """The last entry of a chain was sealed with a key that this configuration does not name."""


def seal_waiting(*, at: datetime) -> int:
    """Everything that waits, in transactions of its own. Returns how many entries this sealer has sealed."""
    with unit_of_work(read_only=True):  # an idle sealer never takes the write lock of SQLite
        if not db.session.scalar(sa.select(sa.exists().where(AuditEntry.sealed_at.is_(None)))):
            return 0
    total = 0
    while True:
        with unit_of_work():
            number = seal_some(at=at)
        total += number
        if number < AT_ONCE:
            return total


def seal_some(*, at: datetime) -> int:
    """At most ``AT_ONCE`` entries, in the current transaction; none while another sealer works.

    Raises UnknownChainKeyError: whoever goes on with an old key behind a new one would break the chain.
    """
    if not _is_alone():
        return 0
    rows = execute(_WAITING, {"at_most": AT_ONCE}).mappings().all()
    sealer = _Sealer(at)
    seals = [sealer.seal(dict(row)) for row in rows]
    if seals:
        _write(seals)
    return len(seals)


class _Sealer:
    """Remembers where each chain ends."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._key = key_in_use()
        self._heads: dict[str | None, tuple[int, bytes]] = {}

    def seal(self, row: dict[str, Any]) -> dict[str, Any]:
        """The values of the seal, and the ``entry_id`` they belong to."""
        chain = id_of(row["authority_id"])
        if chain not in self._heads:
            self._heads[chain] = _head(chain, self._key)
        number, prev_hash = self._heads[chain]
        seal: dict[str, Any] = {
            "sealed_at": self._at,
            "number": number + 1,
            "key_id": self._key.key_id,
            "prev_hash": prev_hash,
            "payload_hash": payload_hash(row, self._key),
        }
        seal["hash"] = entry_hash(row | seal, self._key)
        self._heads[chain] = (number + 1, seal["hash"])
        return seal | {"entry_id": row["id"] if isinstance(row["id"], UUID) else UUID(row["id"])}


def _head(chain: str | None, key: ChainKey) -> tuple[int, bytes]:
    last_of = (_LAST_OF_AUTHORITY, {"authority": UUID(chain)}) if chain else (_LAST_OF_PLATFORM, {})
    row = execute(*last_of).one_or_none()
    if row is None:
        return 0, GENESIS
    last = known_keys().get(row.key_id)
    if last is None or last.age < key.age:
        raise UnknownChainKeyError(row.key_id)
    return row.number, row.hash


def _write(seals: list[dict[str, Any]]) -> None:
    values = [{name if name == "entry_id" else f"new_{name}": seal[name] for name in seal} for seal in seals]
    written = db.session.connection().execute(_SEAL, values).rowcount
    if written != len(seals):
        raise RuntimeError(f"{written} of {len(seals)} entries were sealed: is this the scope of the worker?")


def _is_alone() -> bool:
    """On SQLite the write lock lets only one in."""
    if db.session.connection().dialect.name != "postgresql":
        return True
    lock = sa.select(sa.func.pg_try_advisory_xact_lock(_ONE_SEALER_AT_A_TIME))
    return bool(db.session.scalar(lock))
