import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
import time_machine
from flask import Flask

from config import PROJECT_ROOT
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs import queue
from servicekonto.jobs.cli import register as register_commands
from servicekonto.jobs.models import Job, JobStatus, WorkerHeartbeat
from servicekonto.jobs.worker import Worker
from tests.integration.jobs.handlers import effect


def enqueue(kind: str, number: int = 1, **payload: int) -> None:
    with unit_of_work():
        for _ in range(number):
            queue.enqueue(kind, payload=payload, at=clock.now())


def jobs(kind: str) -> list[Job]:
    """Detached: reading an attribute later would open a transaction that keeps the workers waiting."""
    with unit_of_work(read_only=True):
        found = list(db.session.scalars(sa.select(Job).where(Job.kind == kind)))
        db.session.expunge_all()
    return found


def effects() -> list[UUID]:
    with unit_of_work(read_only=True):
        return list(db.session.scalars(sa.select(effect.c.job_id)))


def heartbeats() -> list[str]:
    with unit_of_work(read_only=True):
        return list(db.session.scalars(sa.select(WorkerHeartbeat.name)))


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@contextmanager
def worker_process(url: str, *, grace_seconds: float = 30) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "tests.integration.jobs.worker_process", url, str(grace_seconds)]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_effect_and_done_are_committed_together(database: Flask) -> None:
    enqueue("test.effect")

    Worker(database).run_until_idle()

    (job,) = jobs("test.effect")
    assert (job.status, effects()) == (JobStatus.DONE, [job.id])


def test_a_handler_without_a_last_unit_of_work_is_done_when_it_returns(database: Flask) -> None:
    enqueue("test.outside")

    Worker(database).run_until_idle()

    assert [job.status for job in jobs("test.outside")] == [JobStatus.DONE]


def test_a_broken_handler_leaves_no_effect_is_tried_again_and_is_dead_in_the_end(database: Flask) -> None:
    enqueue("test.broken")
    worker = Worker(database)

    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(5):
            worker.run_until_idle()
            traveller.shift(timedelta(hours=1))

    (job,) = jobs("test.broken")
    assert (job.status, job.attempts, job.last_error) == (JobStatus.DEAD, 3, "ValueError")
    assert effects() == []


def test_a_permanent_failure_is_not_tried_again(database: Flask) -> None:
    enqueue("test.refused")

    Worker(database).run_until_idle()

    (job,) = jobs("test.refused")
    assert (job.status, job.attempts, job.last_error) == (
        JobStatus.DEAD,
        1,
        "JobError: refused with code 550",
    )


def test_a_job_that_takes_every_worker_down_is_given_up(database: Flask) -> None:
    enqueue("test.broken")
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(3):  # claimed by workers that die before they can say anything
            with unit_of_work():
                leases = {"test.broken": timedelta(seconds=60)}
                assert queue.claim(uuid4(), leases=leases, at=clock.now())
            traveller.shift(timedelta(minutes=2))
        Worker(database).run_until_idle()

    (job,) = jobs("test.broken")
    assert (job.status, job.last_error) == (JobStatus.DEAD, "JobError: every worker that tried it died")


def test_workers_racing_for_the_same_jobs_do_each_once(database: Flask) -> None:
    enqueue("test.effect", 60)

    workers = [threading.Thread(target=Worker(database).run_until_idle) for _ in range(4)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()

    assert sorted(map(str, effects())) == sorted(str(job.id) for job in jobs("test.effect"))
    assert {(job.status, job.attempts) for job in jobs("test.effect")} == {(JobStatus.DONE, 1)}


def test_a_killed_worker_loses_nothing_and_doubles_nothing(database: Flask, database_url: str) -> None:
    enqueue("test.long", milliseconds=60_000)
    enqueue("test.effect", 20)
    with worker_process(database_url) as process:
        wait_until(lambda: len(effects()) == 1)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with unit_of_work():
        db.session.execute(sa.update(Job).where(Job.kind == "test.long").values(payload={"milliseconds": 0}))

    with worker_process(database_url):
        wait_until(
            lambda: all(job.status is JobStatus.DONE for job in jobs("test.long") + jobs("test.effect"))
        )

    assert len(effects()) == len(set(effects())) == 21
    assert sorted(job.attempts for job in jobs("test.long") + jobs("test.effect")) == [1] * 20 + [2]


def test_a_worker_told_to_stop_finishes_the_job_in_hand_and_takes_no_other(
    database: Flask, database_url: str
) -> None:
    enqueue("test.long", milliseconds=1_000)
    with worker_process(database_url) as process:
        wait_until(lambda: len(effects()) == 1)
        enqueue("test.effect")
        process.terminate()
        assert process.wait(60) == 0

    assert [job.status for job in jobs("test.long")] == [JobStatus.DONE]
    assert [job.attempts for job in jobs("test.effect")] == [0]
    assert heartbeats() == []


def test_a_job_that_outlasts_the_grace_is_broken_off_and_given_back(
    database: Flask, database_url: str
) -> None:
    enqueue("test.long", milliseconds=60_000)
    with worker_process(database_url, grace_seconds=0.2) as process:
        wait_until(lambda: len(effects()) == 1)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0

    (job,) = jobs("test.long")
    assert (job.status, job.attempts, job.lease_owner) == (JobStatus.QUEUED, 0, None)


def test_an_idle_worker_stops_at_once_and_was_heard_of(database: Flask, database_url: str) -> None:
    with worker_process(database_url) as process:
        wait_until(lambda: len(heartbeats()) == 1)
        asked_at = time.monotonic()
        process.terminate()
        process.wait(60)

    assert time.monotonic() - asked_at < 20


def test_a_worker_waits_for_a_database_that_is_away(database: Flask) -> None:
    worker = Worker(database)
    Job.__table__.drop(db.engine)  # type: ignore[attr-defined]

    thread = threading.Thread(target=worker.run)
    thread.start()
    time.sleep(0.3)
    assert thread.is_alive()
    worker.stop()
    thread.join(5)

    assert not thread.is_alive()


def test_periodic_work_is_done_once_per_period_whatever_the_number_of_workers(database: Flask) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(3):
            Worker(database).run_until_idle()
        assert len(jobs("jobs.purge")) == 1

        traveller.shift(timedelta(hours=1))
        Worker(database).run_until_idle()

    assert [job.status for job in jobs("jobs.purge")] == [JobStatus.DONE] * 2


def test_an_operator_lists_dead_jobs_and_retries_them(database: Flask) -> None:
    register_commands(database)
    enqueue("test.refused")
    runner = database.test_cli_runner()

    assert runner.invoke(args=["worker", "--once"]).output.endswith(" jobs\n")
    listed = runner.invoke(args=["jobs", "list", "--dead"]).output
    assert "test.refused" in listed
    assert "1 dead" in listed

    (job,) = jobs("test.refused")
    assert runner.invoke(args=["jobs", "retry", str(job.id)]).output == "1 jobs\n"
    assert runner.invoke(args=["jobs", "retry", "--all"]).output == "0 jobs\n"
    assert runner.invoke(args=["jobs", "retry"]).exit_code == 2
    assert "test.refused" in runner.invoke(args=["jobs", "list"]).output
