"""Entries are sealed every minute; every hour a file outside the database says how far the chains are."""

from datetime import timedelta
from pathlib import Path

from servicekonto.audit import checkpoints, sealer
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.settings import settings
from servicekonto.jobs.queue import JobContext, JobError
from servicekonto.jobs.registry import handler
from servicekonto.operations.audit_trail import files


@handler("audit.seal", every=timedelta(minutes=1), own_units_of_work=True, lease=timedelta(minutes=10))
def seal(_job: JobContext) -> None:
    try:
        sealer.seal_waiting(at=clock.now())
    except sealer.UnknownChainKeyError as error:
        raise JobError("a chain ends with a key that is not configured here, or a newer one") from error


@handler("audit.checkpoint", every=timedelta(hours=1), own_units_of_work=True, max_attempts=3)
def write_checkpoint(job: JobContext) -> None:
    """Fails when the trail no longer has what the last file says, and then writes none: who looks into the
    folder finds the last one that is right.
    """
    folder = settings().audit_checkpoints
    if folder is None:
        return
    with unit_of_work(read_only=True):
        _compare_with_last(folder)
        lines = list(checkpoints.lines(checkpoints.heads(at=job.at)))
    files.write(files.path_in(folder, job.at), lines)


def _compare_with_last(folder: Path) -> None:
    last = files.newest_in(folder)
    try:
        if last is None or all(checkpoints.is_kept(head) for head in files.heads_in(last)):
            return
    except files.BadCheckpointError as error:
        raise JobError("the last checkpoint is damaged", permanent=True) from error
    raise JobError("the trail differs from the last checkpoint: flask audit verify", permanent=True)
