"""The queue keeps itself clean."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from servicekonto.core import retention
from servicekonto.core.db import db
from servicekonto.jobs.models import Job, JobStatus, WorkerHeartbeat
from servicekonto.jobs.queue import JobContext
from servicekonto.jobs.registry import handler

FORGOTTEN_WORKER = timedelta(hours=1)


@handler("jobs.purge", every=timedelta(hours=1))
def purge(job: JobContext) -> None:
    purge_done(at=job.at)


def purge_done(*, at: datetime) -> None:
    """Done jobs go after a week, workers that died without a word after an hour. Dead jobs stay."""
    db.session.execute(
        sa.delete(Job).where(Job.status == JobStatus.DONE, Job.done_at < at - retention.DONE_JOBS.kept)
    )
    db.session.execute(sa.delete(WorkerHeartbeat).where(WorkerHeartbeat.seen_at < at - FORGOTTEN_WORKER))
