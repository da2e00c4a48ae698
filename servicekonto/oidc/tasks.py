"""Requests that went nowhere and sign-ins older than seven days go."""

from datetime import datetime, timedelta

from servicekonto.jobs.queue import JobContext
from servicekonto.jobs.registry import handler
from servicekonto.oidc import forgetting, interactions, jti


@handler("oidc.purge", every=timedelta(hours=1))
def purge(job: JobContext) -> None:
    purge_old_rows(at=job.at)


def purge_old_rows(*, at: datetime) -> None:
    interactions.purge(at=at)
    forgetting.purge(at=at)
    jti.purge(at=at)
