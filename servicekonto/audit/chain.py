"""How an entry is chained to the one before. Every column counts: what is changed later does not fit.

Entries are read as they are stored, past the column types, so that a value nobody could have written is told
and not stumbled over. SQLite and PostgreSQL give the same hashes.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from servicekonto.audit.keys import ChainKey
from servicekonto.audit.models import AuditEntry
from servicekonto.core.db import table_of

GENESIS = bytes(32)
"""``prev_hash`` of the first entry of a chain."""

SEAL = ("sealed_at", "number", "key_id", "prev_hash", "payload_hash", "hash")

_IDS = ("id", "authority_id", "account_id", "actor_id", "object_id")
_TEXTS = ("action", "object_kind")
_ROW = (*_IDS, *_TEXTS, "at", *SEAL)

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

TABLE = table_of(AuditEntry)

Row = Mapping[Any, Any]


class UnreadableError(ValueError):
    """A value that the application cannot have written."""


def stored_rows() -> sa.Select[*tuple[Any, ...]]:
    """Whole entries as they are stored; the payload as text."""
    columns = TABLE.c
    untyped = (sa.type_coerce(columns[name], sa.types.NULLTYPE).label(name) for name in _ROW)
    return sa.select(*untyped, sa.cast(columns.payload, sa.Text).label("payload"))


def id_of(value: Any) -> str | None:
    """Raises UnreadableError."""
    if value is None or isinstance(value, UUID):
        return None if value is None else str(value)
    try:
        return str(UUID(value))
    except (AttributeError, TypeError, ValueError) as error:
        raise UnreadableError("id") from error


def moment_of(value: Any) -> str:
    """As it is hashed: UTC, to the microsecond. Raises UnreadableError."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise UnreadableError("time") from error
    naive = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    return naive.isoformat(timespec="microseconds")


def payload_hash(row: Row, key: ChainKey) -> bytes:
    """Keyed, and another one for each entry: an emptied payload cannot be guessed. Raises UnreadableError."""
    try:
        payload = None if row["payload"] is None else json.loads(row["payload"])
    except (TypeError, ValueError) as error:
        raise UnreadableError("payload") from error
    return hmac.digest(key.payloads, _canonical([id_of(row["id"]), payload]), "sha256")


def entry_hash(row: Row, key: ChainKey) -> bytes:
    """Over the hash before and every column but the payload, which ``payload_hash`` stands for.

    ``row`` has its seal but for this hash. Raises UnreadableError.
    """
    facts: dict[str, Any] = {name: id_of(row[name]) for name in _IDS}
    facts |= {name: _text(row[name]) for name in (*_TEXTS, "key_id")}
    facts |= {name: moment_of(row[name]) for name in ("at", "sealed_at")}
    facts |= {"number": row["number"], "payload_hash": _bytes(row["payload_hash"]).hex()}
    return hmac.digest(key.entries, _bytes(row["prev_hash"]) + _canonical(facts), "sha256")


def _canonical(value: Any) -> bytes:
    return _JSON.encode(value).encode()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise UnreadableError("text")
    return value


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise UnreadableError("bytes")
    return value
