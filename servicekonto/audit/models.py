"""One table, to which rows are only added."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.audit.actions import Action, ObjectKind
from servicekonto.core.db import Base


def _partial_index(name: str, column: str, *, where: str, unique: bool = False) -> sa.Index:
    condition = sa.text(where)
    return sa.Index(name, column, unique=unique, sqlite_where=condition, postgresql_where=condition)


class AuditEntry(Base):
    """``authority_id`` None: an act of the platform. ``actor_id`` None: the command line or the system.
    ``account_id``: whose account it is about; they read it.

    No foreign keys: an entry outlives what it names. Nothing may change it but the sealer, once, and
    retention, which empties the payload of a sealed entry; the database refuses everything else
    (migration 0014). ``number``: its place in the chain of its authority or of the platform, from 1.
    """

    __tablename__ = "audit_entry"

    authority_id: Mapped[UUID | None]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None]
    action: Mapped[Action]
    object_kind: Mapped[ObjectKind]
    object_id: Mapped[UUID]
    payload: Mapped[dict[str, Any] | None]
    sealed_at: Mapped[datetime | None]
    number: Mapped[int | None] = mapped_column(sa.BigInteger)
    key_id: Mapped[str | None] = mapped_column(sa.String(32))
    prev_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    payload_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    __table_args__ = (
        sa.Index(None, "authority_id", "at", "id"),
        sa.Index(None, "account_id", "at", "id"),
        sa.Index(None, "authority_id", "number", unique=True),
        _partial_index("ix_audit_entry_platform_number", "number", unique=True, where="authority_id is null"),
        _partial_index("ix_audit_entry_unsealed", "id", where="sealed_at is null"),
    )
