"""The life of a job: enqueued, claimed under a lease, then finished, tried again later, or dead.

Every function works in the current transaction and changes a job only while its claim still holds, so
a worker that was too slow can neither finish nor fail a job that somebody else has taken over.
"""

import random
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from servicekonto.core.db import UtcDateTime, db
from servicekonto.core.ids import new_id
from servicekonto.jobs.models import Job, JobStatus

FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=1)

_IDENTIFIER = re.compile(r"[A-Za-z0-9_.:/@+-]{1,200}")
_random = random.SystemRandom()


class LeaseLostError(Exception):
    """Somebody else has taken the job over. What was done in this transaction must not be committed."""


class JobError(Exception):
    """``safe_text`` is stored and listed: no personal data. ``permanent``: trying again is no use."""

    def __init__(self, safe_text: str, *, permanent: bool = False) -> None:
        super().__init__(safe_text)
        self.permanent = permanent


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """A claimed job, as its handler sees it. ``attempt`` counts from 1, ``at`` is when it was claimed."""

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    owner: UUID
    at: datetime

    def uuid(self, name: str) -> UUID:
        return UUID(self.payload[name])

    def finish(self, *, at: datetime) -> None:
        """Done, if the surrounding transaction commits. LeaseLostError if the claim no longer holds."""
        _change(self, status=JobStatus.DONE, done_at=at, last_error=None)


def enqueue(
    kind: str,
    *,
    payload: Mapping[str, UUID | str | int],
    at: datetime,
    run_at: datetime | None = None,
    key: str | None = None,
) -> None:
    """Have it done after this transaction, not before ``run_at``. A ``key`` already used: nothing happens."""
    values = {
        "id": new_id(),
        "kind": kind,
        "payload": {name: _identifier(name, value) for name, value in payload.items()},
        "key": key and _identifier("key", key),
        "status": JobStatus.QUEUED,
        "run_at": run_at or at,
        "attempts": 0,
        "created_at": at,
    }
    dialect = db.session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    db.session.execute(insert(Job).values(values).on_conflict_do_nothing(index_elements=[Job.key]))


def claim(owner: UUID, *, leases: Mapping[str, timedelta], at: datetime) -> JobContext | None:
    """Take the job that waits longest and belongs to one of the kinds in ``leases``; None if there is none.

    One statement: PostgreSQL skips rows that another worker is taking, SQLite lets one writer in at a time.
    """
    oldest = (
        sa.select(Job.id)
        .where(*is_waiting(at), Job.kind.in_(leases))
        .order_by(Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    lease_ends = {kind: sa.literal(at + lease, UtcDateTime()) for kind, lease in leases.items()}
    row = db.session.execute(
        sa.update(Job)
        .where(Job.id == oldest)
        .values(attempts=Job.attempts + 1, lease_owner=owner, lease_until=sa.case(lease_ends, value=Job.kind))
        .returning(Job.id, Job.kind, Job.payload, Job.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        return None
    return JobContext(id=row[0], kind=row[1], payload=row[2], attempt=row[3], owner=owner, at=at)


def is_waiting(at: datetime) -> Collection[sa.ColumnElement[bool]]:
    """Due and in nobody's hand; an expired lease counts as nobody."""
    return (
        Job.status == JobStatus.QUEUED,
        Job.run_at <= at,
        sa.or_(Job.lease_until.is_(None), Job.lease_until < at),
    )


def fail(job: JobContext, error: BaseException, *, max_attempts: int, at: datetime) -> JobStatus:
    """Try again after a growing pause, or give up: a dead job stays until somebody retries it."""
    permanent = isinstance(error, JobError) and error.permanent
    if permanent or job.attempt >= max_attempts:
        return bury(job, describe(error))
    _change(job, run_at=at + delay_after(job.attempt), last_error=describe(error))
    return JobStatus.QUEUED


def bury(job: JobContext, reason: str) -> JobStatus:
    _change(job, status=JobStatus.DEAD, last_error=reason)
    return JobStatus.DEAD


def release(job: JobContext) -> None:
    """Give it back untouched, because this worker has to stop. It does not count as an attempt."""
    _change(job, attempts=Job.attempts - 1)


def retry(job_id: UUID | None = None, *, at: datetime) -> int:
    """Give one dead job, or all of them, their attempts again; returns how many there were."""
    result = db.session.execute(
        sa.update(Job)
        .where(Job.status == JobStatus.DEAD, Job.id == job_id if job_id is not None else sa.true())
        .values(status=JobStatus.QUEUED, attempts=0, run_at=at)
        .execution_options(synchronize_session=False)
    )
    return cast(sa.CursorResult[Any], result).rowcount


def delay_after(attempt: int) -> timedelta:
    """10 s, 20 s, 40 s … up to an hour, shortened by up to half, so that failures do not march in step."""
    doublings = min(attempt - 1, 20)
    longest = min(FIRST_DELAY * int(2**doublings), LONGEST_DELAY)
    return longest * _random.uniform(0.5, 1.0)


def describe(error: BaseException) -> str:
    """The type alone: messages of foreign errors may quote a person's data."""
    name = type(error).__name__
    return f"{name}: {error}"[:500] if isinstance(error, JobError) else name


def _change(job: JobContext, **values: Any) -> None:
    result = db.session.execute(
        sa.update(Job)
        .where(
            Job.id == job.id,
            Job.status == JobStatus.QUEUED,
            Job.lease_owner == job.owner,
            Job.attempts == job.attempt,
        )
        .values(lease_owner=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    if cast(sa.CursorResult[Any], result).rowcount != 1:
        raise LeaseLostError(job.id)


def _identifier(name: str, value: UUID | str | int) -> str | int:
    """Only what looks like an identifier comes in: the table is listed, logged and kept for a while."""
    if isinstance(value, int):
        return value
    text = str(value)
    if not _IDENTIFIER.fullmatch(text):
        raise ValueError(f"{name} is no identifier; store the data and pass its id")
    return text
