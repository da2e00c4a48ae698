"""Deferred work: invitations that nobody answers go."""

from datetime import timedelta

from servicekonto.authorities import invitations
from servicekonto.jobs.queue import JobContext
from servicekonto.jobs.registry import handler


@handler("authorities.purge", every=timedelta(days=1))
def purge(job: JobContext) -> None:
    invitations.purge(at=job.at)
