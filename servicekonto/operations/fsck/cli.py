"""``flask fsck``"""

import sys
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

import click
from flask import Flask
from flask.cli import with_appcontext

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.operations.fsck import lost_work, requests, sealed, structure
from servicekonto.operations.fsck.finding import Finding
from servicekonto.operations.progress import Start, progress_bar
from servicekonto.operations.snapshot import snapshot

SAMPLE = 1000


def register(app: Flask) -> None:
    app.cli.add_command(fsck)


@click.command("fsck")
@click.option("--all", "everything", is_flag=True, help="Open all that is sealed instead of a sample.")
@click.option(
    "--sample", type=click.IntRange(min=0), default=SAMPLE, show_default=True, help="Rows per table."
)
@click.option("--repair", is_flag=True, help="Enqueue work that was lost; nothing else is ever changed.")
@with_appcontext
def fsck(everything: bool, sample: int, repair: bool) -> None:
    """Check what is stored against the rules, at one moment, while the application may go on.

    Exit code 1 when a rule is broken. The output holds names of rules and ids, no personal data.
    """
    with progress_bar("Check") as start:
        findings = sorted(set(find(None if everything else sample, start)))
    for (rule, table), group in groupby(findings, key=attrgetter("rule", "table")):
        found = list(group)
        click.echo(f"{rule}: {len(found)} in {table}")
        for finding in found:
            click.echo(f"  {finding.row}")
    if repair:
        with scoped(SYSTEM), unit_of_work():
            click.echo(f"{lost_work.repair(findings, at=clock.now())} jobs enqueued")
    click.echo("All rules hold" if not findings else f"{len(findings)} problems")
    sys.exit(1 if findings else 0)


def find(sample: int | None, start: Start) -> Iterator[Finding]:
    """``sample``: how many sealed rows of each table are opened; None means all."""
    with snapshot():
        checks = (*structure.checks(), *requests.checks(), *lost_work.checks())
        chosen = {model: sealed.chosen_ids(model, sample) for model in sealed.sealed_models()}
        progress = start(len(checks) + sum(map(len, chosen.values())))
        for check in checks:
            yield from check.find()
            progress(1)
        for model, ids in chosen.items():
            yield from sealed.find_closed(model, ids, progress)
