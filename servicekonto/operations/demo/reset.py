"""Back to the first state: every row that people or the seed have made goes, and the seed runs again.

All of it is one transaction, and works while web server and worker run: until it commits everybody sees the
old state, and if it fails nothing has changed. What stays: places and authorities, published services, and
the audit trail, which nobody may change; so the role of the application is enough on PostgreSQL.
"""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa

from servicekonto.audit.models import AuditEntry
from servicekonto.authorities.importer import restore_contacts
from servicekonto.authorities.models import (
    Authority,
    Competence,
    FormerPlaceName,
    Municipality,
    Postcode,
    ReferenceImport,
    Unit,
)
from servicekonto.catalogue.models import Service, ServiceVersion
from servicekonto.core import clock
from servicekonto.core.db import Base, db
from servicekonto.core.settings import settings
from servicekonto.jobs.models import Job, JobStatus, WorkerHeartbeat
from servicekonto.jobs.queue import JobContext, JobError, enqueue
from servicekonto.jobs.registry import handler
from servicekonto.oidc.key_models import SigningKey
from servicekonto.operations.demo.seed import Progress, Seed

RESET = "demo.reset"
LEASE = timedelta(minutes=30)  # a volume of a million requests takes minutes to delete
KEPT = frozenset(
    model.__tablename__
    for model in (
        Authority, Unit, Municipality, Postcode, FormerPlaceName, Competence, ReferenceImport,
        Service, ServiceVersion, AuditEntry, WorkerHeartbeat, SigningKey,
    )
)  # fmt: skip


def ask_for_reset(*, at: datetime) -> None:
    """A worker does it. While one is waiting or under way, asking again changes nothing."""
    if newest_reset_status() is not JobStatus.QUEUED:
        enqueue(RESET, payload={}, at=at)


def newest_reset() -> Job | None:
    return db.session.scalar(
        sa.select(Job).where(Job.kind == RESET).order_by(Job.created_at.desc(), Job.id.desc()).limit(1)
    )


def newest_reset_status() -> JobStatus | None:
    """None: it has never been reset."""
    job = newest_reset()
    return job.status if job is not None else None


@handler(RESET, max_attempts=5, lease=LEASE)
def reset_by_worker(job: JobContext) -> None:
    if not settings().is_demo:
        raise JobError("this is no demonstration", permanent=True)
    reset(at=last_afternoon(job.at), but=job.id)


def reset(*, at: datetime, progress: Progress = lambda _steps: None, but: UUID | None = None) -> None:
    """In the current transaction. ``but``: the job that does it."""
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(sa.text("set local statement_timeout = 0"))
    for table in reversed(Base.metadata.sorted_tables):
        if table.name not in KEPT:
            _empty(table, but)
    db.session.expunge_all()
    restore_contacts()
    Seed(at=at, progress=progress).run()


def last_afternoon(at: datetime) -> datetime:
    """Counted from there, the invented clerks work by day."""
    local = at.astimezone(clock.BERLIN)
    day = local.date() if local.hour >= 15 else local.date() - timedelta(days=1)
    return datetime.combine(day, time(15), clock.BERLIN).astimezone(UTC)


def _empty(table: sa.Table, but: UUID | None) -> None:
    statement = sa.delete(table)
    if table.name == Job.__tablename__ and but is not None:
        statement = statement.where(table.c.id != but)
    db.session.execute(statement)
