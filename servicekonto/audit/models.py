"""One table, to which rows are only added."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.audit.actions import Action, ObjectKind
from servicekonto.core.db import Base


class AuditEntry(Base):
    """``authority_id`` None: an act of the platform. ``actor_id`` None: the command line or the system.
    ``account_id``: whose account it is about; they read it.

    No foreign keys: an entry outlives what it names. Nothing may change it but the sealer, once
    (``sealed_at`` and the hashes), and retention, which empties the payload of a sealed entry; the
    database refuses everything else (migration 0007).
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
    prev_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    payload_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    __table_args__ = (sa.Index(None, "authority_id", "at", "id"), sa.Index(None, "account_id", "at", "id"))
