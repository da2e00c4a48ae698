"""``flask worker`` and ``flask jobs``."""

from uuid import UUID

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.jobs import queries, queue, tasks  # noqa: F401 - importing tasks registers its handlers
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.worker import Worker, stopping_on_signals

LISTED = 100

jobs = AppGroup("jobs", help="Look at deferred work and at what failed.")


def register(app: Flask) -> None:
    app.cli.add_command(worker)
    app.cli.add_command(jobs)


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@with_appcontext
def worker(once: bool) -> None:
    """Do deferred work until stopped (SIGTERM or Ctrl-C)."""
    running = Worker(current_app._get_current_object())  # type: ignore[attr-defined]
    with stopping_on_signals(running):
        if once:
            click.echo(f"{running.run_until_idle()} jobs")
        else:
            running.run()


@jobs.command("list")
@click.option("--dead", is_flag=True, help="Those that were given up, instead of those that wait.")
def list_jobs(dead: bool) -> None:
    """List jobs, oldest first."""
    with scoped(SYSTEM), unit_of_work(read_only=True):
        for job in queries.list_jobs(JobStatus.DEAD if dead else JobStatus.QUEUED, limit=LISTED):
            click.echo(_line(job))
        counts = queries.count_by_status()
    click.echo(", ".join(f"{number} {status}" for status, number in counts.items()))


@jobs.command("retry")
@click.argument("job_id", type=click.UUID, required=False)
@click.option("--all", "every", is_flag=True, help="All dead jobs.")
def retry(job_id: UUID | None, every: bool) -> None:
    """Give a dead job all its attempts again."""
    if (job_id is not None) is every:
        raise click.UsageError("Name one job, or say --all.")
    with scoped(SYSTEM), unit_of_work():
        number = queue.retry(job_id, at=clock.now())
    click.echo(f"{number} jobs")


def _line(job: Job) -> str:
    parts = (
        str(job.id),
        job.kind,
        f"attempts={job.attempts}",
        f"run_at={job.run_at.isoformat()}",
        job.last_error,
    )
    return "  ".join(part for part in parts if part)
