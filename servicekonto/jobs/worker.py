"""Does the jobs: one at a time per process, any number of processes on any number of machines.

It looks once a second. PostgreSQL's NOTIFY would save half a second and serialise the commits of everybody
who enqueues, so it is not used.
"""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue

import sqlalchemy as sa
import structlog
from flask import Flask

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.ids import new_id
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.jobs import queries, queue
from servicekonto.jobs.models import WorkerHeartbeat
from servicekonto.jobs.queue import JobContext, JobError, LeaseLostError
from servicekonto.jobs.registry import Handler, handlers, period_start, tell_watchers

POLL_SECONDS = 1.0
PAUSE_AFTER_DATABASE_ERROR = 5.0
HEARTBEAT_EVERY = timedelta(seconds=15)
GRACE_SECONDS = 30.0

log = structlog.get_logger(__name__)


class _GraceIsOverError(BaseException):
    """Raised by the alarm in the middle of a job. No ordinary ``except Exception`` may swallow it."""


class Worker:
    """``run`` until ``stop`` is called, from another thread or a signal handler."""

    def __init__(self, app: Flask) -> None:
        self.id = new_id()
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._app = app
        self._handlers = handlers()
        self._stopping = False
        self._alarm_clock: SimpleQueue[None] = SimpleQueue()
        self._started_at = clock.now()
        self._seen_at: datetime | None = None
        self._scheduled: dict[str, datetime] = {}

    def run(self) -> None:
        log.info("worker.started", worker=self.name)
        try:
            while not self._stopping:
                self._pause(self._round())
        except _GraceIsOverError:
            log.warning("worker.grace_is_over", worker=self.name)
        finally:
            self._say_goodbye()

    def run_until_idle(self) -> int:
        """Do everything that is due and return how many jobs that were."""
        self._schedule_periodic_work()
        number = 0
        while not self._stopping and self.run_one():
            number += 1
        return number

    def run_one(self) -> bool:
        """Do one job. False when nothing was due."""
        with self._app.app_context(), scoped(SYSTEM):
            job = self._claim()
            if job is None:
                return False
            self._do(job, self._handlers[job.kind])
            return True

    def stop(self) -> None:
        """The job in hand is finished first. Safe in a signal handler (SimpleQueue is reentrant)."""
        self._stopping = True
        self._alarm_clock.put(None)

    def _round(self) -> float:
        """Work until nothing is due; returns how many seconds to pause."""
        try:
            self._beat()
            self._schedule_periodic_work()
            return 0.0 if self.run_one() else POLL_SECONDS
        except sa.exc.DBAPIError as error:
            log.warning("worker.database_error", worker=self.name, error=type(error).__name__)
            return PAUSE_AFTER_DATABASE_ERROR

    def _pause(self, seconds: float) -> None:
        if seconds:
            with suppress(Empty):
                self._alarm_clock.get(timeout=seconds)

    def _claim(self) -> JobContext | None:
        at = clock.now()
        leases = {kind: handler.lease for kind, handler in self._handlers.items()}
        with unit_of_work(read_only=True):  # an idle worker never takes the write lock of SQLite
            if not queries.is_anything_waiting(at, kinds=leases):
                return None
        with unit_of_work():
            return queue.claim(self.id, leases=leases, at=at)

    def _do(self, job: JobContext, handler: Handler) -> None:
        try:
            self._attempt(job, handler)
        except LeaseLostError:
            log.warning("job.lease_lost", **_named(job))
            tell_watchers(job.kind, "lease_lost")
        except _GraceIsOverError:
            _record(partial(queue.release, job))
            raise
        except Exception as error:  # whatever a handler raises is recorded in the row of the job
            _record(partial(queue.fail, job, error, max_attempts=handler.max_attempts, at=clock.now()))
            log.warning("job.failed", **_named(job), exc_info=True)
            tell_watchers(job.kind, "failed")
        else:
            log.info("job.done", **_named(job))
            tell_watchers(job.kind, "done")

    def _attempt(self, job: JobContext, handler: Handler) -> None:
        if job.attempt > handler.max_attempts:
            raise JobError("every worker that tried it died", permanent=True)
        if not handler.own_units_of_work:
            with unit_of_work():
                handler.run(job)
                job.finish(at=clock.now())
            return
        handler.run(job)
        _record(partial(job.finish, at=clock.now()))  # for a handler that had nothing to commit at its end

    def _beat(self) -> None:
        at = clock.now()
        if self._seen_at is not None and at - self._seen_at < HEARTBEAT_EVERY:
            return
        with self._app.app_context(), unit_of_work():
            beat = WorkerHeartbeat(id=self.id, name=self.name, started_at=self._started_at, seen_at=at)
            db.session.merge(beat)
        self._seen_at = at

    def _schedule_periodic_work(self) -> None:
        """Several workers agree on the key of a period, so it is enqueued once."""
        at = clock.now()
        starts = {h.kind: period_start(at, h.every) for h in self._handlers.values() if h.every is not None}
        if starts == self._scheduled:
            return
        with self._app.app_context(), unit_of_work():
            for kind, start in starts.items():
                queue.enqueue(kind, payload={}, at=at, run_at=start, key=f"{kind}@{start.isoformat()}")
        self._scheduled = starts

    def _say_goodbye(self) -> None:
        with suppress(sa.exc.DBAPIError), self._app.app_context(), unit_of_work():
            db.session.execute(sa.delete(WorkerHeartbeat).where(WorkerHeartbeat.id == self.id))
        log.info("worker.stopped", worker=self.name)


@contextmanager
def stopping_on_signals(worker: Worker, *, grace_seconds: float = GRACE_SECONDS) -> Iterator[None]:
    """SIGTERM and SIGINT: finish the job in hand; after the grace, break it off and give it back."""

    def stop(_signal: int, _frame: object) -> None:
        if not signal.getitimer(signal.ITIMER_REAL)[0]:
            signal.setitimer(signal.ITIMER_REAL, grace_seconds)
        worker.stop()

    def break_off(_signal: int, _frame: object) -> None:
        raise _GraceIsOverError

    handlers_before = {
        number: signal.signal(number, action)
        for number, action in ((signal.SIGTERM, stop), (signal.SIGINT, stop), (signal.SIGALRM, break_off))
    }
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, action in handlers_before.items():
            signal.signal(number, action)


def _record(change: Callable[[], object]) -> None:
    with suppress(LeaseLostError), unit_of_work():
        change()


def _named(job: JobContext) -> dict[str, object]:
    return {"kind": job.kind, "job_id": str(job.id), "attempts": job.attempt}
