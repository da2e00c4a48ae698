"""Deferred work as rows: written in the transaction that makes it necessary, so neither can be lost alone."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.core.db import Base


def _partial_index(name: str, *columns: str, status: str) -> sa.Index:
    """Done rows far outnumber the others; each reader has an index without them."""
    where = sa.text(f"status = '{status}'")
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


class JobStatus(StrEnum):
    """A job in hand is ``queued`` with a lease: if its worker dies, nothing needs to be repaired."""

    QUEUED = "queued"
    DONE = "done"
    DEAD = "dead"


class Job(Base):
    """``payload`` and ``key`` hold identifiers, never personal data; they may be logged and listed."""

    __tablename__ = "job"
    __table_args__ = (
        sa.CheckConstraint("(status = 'done') = (done_at is not null)", name="done_has_a_time"),
        sa.CheckConstraint("(lease_owner is null) = (lease_until is null)", name="lease_is_complete"),
        sa.CheckConstraint("status = 'queued' or lease_owner is null", name="only_queued_is_leased"),
        sa.CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        _partial_index("ix_job_due", "run_at", "id", status="queued"),
        _partial_index("ix_job_done", "done_at", status="done"),
        _partial_index("ix_job_dead", "created_at", status="dead"),
    )

    kind: Mapped[str] = mapped_column(sa.String(100))
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(sa.String(200), unique=True)
    status: Mapped[JobStatus] = mapped_column(default=JobStatus.QUEUED)
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(sa.String(500))
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class WorkerHeartbeat(Base):
    """A running worker; ``id`` is the owner of its leases. Stopping in order removes the row."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[str] = mapped_column(sa.String(200))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
