"""Whatever workers do in whatever order: every job is somewhere, and a done job has exactly one effect."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs import queries, queue
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.queue import JobContext, LeaseLostError
from tests.integration.jobs.handlers import effect, leave_effect
from tests.support.own_database import bare_app

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEASES = {"test.effect": timedelta(seconds=60)}
MAX_ATTEMPTS = 3

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enqueue", "claim", "finish", "fail", "release", "retry", "wait"]), st.integers(0, 9)
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def sqlite_app() -> Iterator[Flask]:
    """One file for all examples; it is SQLite only, because the number of examples is what counts here."""
    with tempfile.TemporaryDirectory() as folder:
        app = bare_app(f"sqlite:///{Path(folder) / 'counts.sqlite3'}")
        with app.app_context():
            Job.__table__.create(db.engine)  # type: ignore[attr-defined]
            effect.create(db.engine)
        yield app
        with app.app_context():
            db.engine.dispose()


@contextmanager
def _tolerating_a_lost_lease() -> Iterator[None]:
    try:
        with unit_of_work():
            yield
    except LeaseLostError:
        pass


class Simulation:
    def __init__(self) -> None:
        self.at = NOON
        self.enqueued = 0
        self.claims: list[JobContext] = []

    def step(self, action: str, number: int) -> None:
        if action == "wait":
            self.at += timedelta(seconds=number * 15)
        elif action == "enqueue":
            self._enqueue(number)
        elif action == "retry":
            with unit_of_work():
                queue.retry(at=self.at)
        elif action == "claim":
            self._claim()
        elif self.claims:
            self._end(action, self.claims[number % len(self.claims)])

    def _enqueue(self, number: int) -> None:
        before = sum(queries.count_by_status().values())
        with unit_of_work():
            queue.enqueue("test.effect", payload={}, at=self.at, key=f"key-{number}")
        self.enqueued += sum(queries.count_by_status().values()) - before

    def _claim(self) -> None:
        with unit_of_work():
            job = queue.claim(uuid4(), leases=LEASES, at=self.at)
        if job is not None:
            self.claims.append(job)

    def _end(self, action: str, job: JobContext) -> None:
        with _tolerating_a_lost_lease():
            if action == "finish":
                leave_effect(job)
                job.finish(at=self.at)
            elif action == "fail":
                queue.fail(job, ValueError(), max_attempts=MAX_ATTEMPTS, at=self.at)
            else:
                queue.release(job)


@given(STEPS)
@settings(deadline=None, max_examples=60)
def test_no_sequence_of_steps_loses_or_doubles_a_job(sqlite_app: Flask, steps: list[tuple[str, int]]) -> None:
    with sqlite_app.app_context():
        with unit_of_work():
            db.session.execute(sa.delete(Job))
            db.session.execute(effect.delete())
        simulation = Simulation()

        for action, number in steps:
            simulation.step(action, number)

        counts = queries.count_by_status()
        done = db.session.scalars(sa.select(Job.id).where(Job.status == JobStatus.DONE)).all()
        left = db.session.scalars(sa.select(effect.c.job_id)).all()
        assert sum(counts.values()) == simulation.enqueued
        assert sorted(map(str, left)) == sorted(map(str, done))
