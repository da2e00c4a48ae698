"""What waits, what is dead, and whether anybody is working."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.jobs import queue
from servicekonto.jobs.models import Job, JobStatus, WorkerHeartbeat


def queue_age(at: datetime) -> float:
    """Seconds for which the oldest due job has been waiting to be taken; 0 when nothing waits."""
    oldest = db.session.scalar(sa.select(sa.func.min(Job.run_at)).where(*queue.is_waiting(at)))
    return (at - oldest).total_seconds() if oldest is not None else 0.0


def worker_silence(at: datetime) -> float | None:
    """Seconds since a worker was last heard of (they speak every 15 s); None when there is none."""
    seen = db.session.scalar(sa.select(sa.func.max(WorkerHeartbeat.seen_at)))
    return (at - seen).total_seconds() if seen is not None else None


def is_anything_waiting(at: datetime, *, kinds: Collection[str]) -> bool:
    waiting = sa.exists().where(*queue.is_waiting(at), Job.kind.in_(kinds))
    return bool(db.session.scalar(sa.select(waiting)))


def count_by_status() -> dict[JobStatus, int]:
    rows = db.session.execute(sa.select(Job.status, sa.func.count()).group_by(Job.status))
    return dict.fromkeys(JobStatus, 0) | dict(rows.all())


def list_jobs(status: JobStatus, *, limit: int) -> Sequence[Job]:
    """Oldest first."""
    return db.session.scalars(
        sa.select(Job).where(Job.status == status).order_by(Job.created_at, Job.id).limit(limit)
    ).all()
