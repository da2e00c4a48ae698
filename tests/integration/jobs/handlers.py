"""Kinds of jobs that exist only for tests. Their effect is a row: lost and doubled ones can be counted."""

import time
from datetime import timedelta

import sqlalchemy as sa

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs.queue import JobContext, JobError
from servicekonto.jobs.registry import handler

tables = sa.MetaData()
effect = sa.Table(
    "effect", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("job_id", sa.Uuid)
)


@handler("test.effect", lease=timedelta(seconds=2))
def leave_effect(job: JobContext) -> None:
    db.session.execute(effect.insert().values(job_id=job.id))


@handler("test.long", lease=timedelta(seconds=2), own_units_of_work=True)
def leave_effect_slowly(job: JobContext) -> None:
    with unit_of_work():
        leave_effect(job)
    time.sleep(float(job.payload["milliseconds"]) / 1000)
    with unit_of_work():
        db.session.execute(effect.delete().where(effect.c.job_id == job.id))
        leave_effect(job)
        job.finish(at=clock.now())


@handler("test.outside", own_units_of_work=True)
def change_nothing_here(job: JobContext) -> None:
    pass


@handler("test.broken", max_attempts=3)
def leave_effect_and_break(job: JobContext) -> None:
    leave_effect(job)
    raise ValueError("Erika Mustermann")


@handler("test.refused", max_attempts=3)
def give_up(job: JobContext) -> None:
    raise JobError("refused with code 550", permanent=True)
