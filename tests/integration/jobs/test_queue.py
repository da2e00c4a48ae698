from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs import queries, queue
from servicekonto.jobs.models import Job, JobStatus, WorkerHeartbeat
from servicekonto.jobs.queue import JobContext, JobError, LeaseLostError
from servicekonto.jobs.tasks import purge

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEASES = {"test.effect": timedelta(seconds=60)}

pytestmark = pytest.mark.usefixtures("database")


def enqueue(*, at: datetime = NOON, key: str | None = None, run_at: datetime | None = None) -> None:
    with unit_of_work():
        queue.enqueue("test.effect", payload={"thing_id": uuid4()}, at=at, key=key, run_at=run_at)


def claim(at: datetime = NOON) -> JobContext | None:
    with unit_of_work():
        return queue.claim(uuid4(), leases=LEASES, at=at)


def claimed(at: datetime = NOON) -> JobContext:
    job = claim(at)
    assert job is not None
    return job


def finish(job: JobContext) -> None:
    with unit_of_work():
        job.finish(at=NOON)


def fail(job: JobContext, error: Exception, *, max_attempts: int) -> None:
    with unit_of_work():
        queue.fail(job, error, max_attempts=max_attempts, at=NOON)


def stored() -> Job:
    db.session.rollback()
    return db.session.scalars(sa.select(Job).execution_options(populate_existing=True)).one()


def test_a_job_exists_only_if_its_transaction_does() -> None:
    def enqueue_and_break() -> None:
        with unit_of_work():
            queue.enqueue("test.effect", payload={}, at=NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        enqueue_and_break()

    assert claim() is None


def test_a_key_is_used_once_even_after_the_job_is_done() -> None:
    enqueue(key="once")
    finish(claimed())

    enqueue(key="once")

    assert stored().status is JobStatus.DONE


@pytest.mark.parametrize("value", ["Erika Mustermann", "Müller", "", "a" * 201])
def test_what_is_no_identifier_does_not_come_into_the_table(value: str) -> None:
    with pytest.raises(ValueError, match="name is no identifier"):
        queue.enqueue("test.effect", payload={"name": value}, at=NOON)


def test_a_job_is_not_done_before_its_time() -> None:
    enqueue(run_at=NOON + timedelta(minutes=1))

    assert claim(NOON) is None
    assert claim(NOON + timedelta(minutes=1)) is not None


def test_a_leased_job_belongs_to_one_worker_until_the_lease_expires() -> None:
    enqueue()
    first = claimed()

    assert claim(NOON + timedelta(seconds=60)) is None
    second = claimed(NOON + timedelta(seconds=61))

    assert (second.id, second.attempt) == (first.id, 2)


def test_a_worker_that_lost_its_lease_can_neither_finish_nor_fail_the_job() -> None:
    enqueue()
    slow = claimed()
    claimed(NOON + timedelta(minutes=2))

    with pytest.raises(LeaseLostError):
        finish(slow)
    with pytest.raises(LeaseLostError):
        fail(slow, ValueError(), max_attempts=3)

    assert (stored().status, stored().attempts) == (JobStatus.QUEUED, 2)


def test_a_kind_that_no_handler_knows_waits_for_a_worker_that_does() -> None:
    with unit_of_work():
        queue.enqueue("test.of_the_next_release", payload={}, at=NOON)

    assert claim() is None
    assert stored().status is JobStatus.QUEUED


def test_a_failed_job_waits_and_its_error_tells_no_personal_data() -> None:
    enqueue()
    fail(claimed(), ValueError("Erika Mustermann"), max_attempts=2)

    job = stored()

    assert timedelta(seconds=5) <= job.run_at - NOON <= timedelta(seconds=10)
    assert (job.last_error, job.lease_owner) == ("ValueError", None)


def test_after_the_last_attempt_it_is_dead_until_somebody_retries_it() -> None:
    enqueue()
    fail(claimed(), JobError("refused with code 550"), max_attempts=1)

    assert [job.last_error for job in queries.list_jobs(JobStatus.DEAD, limit=9)] == [
        "JobError: refused with code 550"
    ]
    assert claim(NOON + timedelta(days=1)) is None

    with unit_of_work():
        assert queue.retry(at=NOON + timedelta(days=1)) == 1

    assert claimed(NOON + timedelta(days=1)).attempt == 1


def test_the_age_of_the_queue_is_that_of_the_oldest_job_nobody_has_taken() -> None:
    enqueue(at=NOON)
    enqueue(at=NOON + timedelta(seconds=30))
    enqueue(run_at=NOON + timedelta(hours=1))

    assert queries.queue_age(NOON + timedelta(seconds=40)) == 40
    claimed(NOON + timedelta(seconds=40))
    assert queries.queue_age(NOON + timedelta(seconds=40)) == 10
    claimed(NOON + timedelta(seconds=40))
    assert queries.queue_age(NOON + timedelta(seconds=40)) == 0


def test_the_silence_of_the_workers_is_that_of_the_last_one_heard() -> None:
    assert queries.worker_silence(NOON) is None

    with unit_of_work():
        for seconds in (90, 5):
            seen_at = NOON - timedelta(seconds=seconds)
            db.session.add(WorkerHeartbeat(name=f"host:{seconds}", started_at=seen_at, seen_at=seen_at))

    assert queries.worker_silence(NOON) == 5


def test_done_jobs_are_purged_after_a_week_and_dead_ones_never() -> None:
    for _ in range(3):
        enqueue()
    finish(claimed())
    fail(claimed(), JobError("no", permanent=True), max_attempts=9)

    later = NOON + timedelta(days=7, seconds=1)
    context = JobContext(id=uuid4(), kind="jobs.purge", payload={}, attempt=1, owner=uuid4(), at=later)
    with unit_of_work():
        purge(context)

    assert queries.count_by_status() == {JobStatus.QUEUED: 1, JobStatus.DONE: 0, JobStatus.DEAD: 1}
