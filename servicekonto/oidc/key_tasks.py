"""Signing keys look after themselves."""

from datetime import timedelta

from servicekonto.jobs.queue import JobContext
from servicekonto.jobs.registry import handler
from servicekonto.oidc import keys


@handler("oidc.signing_keys", every=timedelta(days=1), own_units_of_work=True)
def ensure_keys(job: JobContext) -> None:
    keys.ensure_keys(at=job.at)
