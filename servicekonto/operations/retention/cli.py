"""``flask retention``"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import click
from flask import Flask
from flask.cli import AppGroup

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.retention import RULES
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.data_protection import queries as data_protection
from servicekonto.data_protection.commands import deletion
from servicekonto.operations.retention.sweeps import sweep_all

retention = AppGroup("retention", help="How long what is kept. The workers see to it by themselves.")


def register(app: Flask) -> None:
    app.cli.add_command(retention)


@retention.command("list")
def list_rules() -> None:
    """The rules."""
    for rule in RULES:
        click.echo(f"{rule.what}: {_words(rule.kept)} after {rule.since} ({rule.basis})")


def _words(kept: timedelta) -> str:
    hours = kept.seconds / 3600
    parts = (f"{kept.days} days" if kept.days else "", f"{hours:g} hours" if hours else "")
    return " ".join(part for part in parts if part)


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="Only say what is due.")
def run(dry_run: bool) -> None:
    """Carry out every rule now instead of within its hour or day, and say how many rows each was about."""
    with scoped(SYSTEM):
        for report in sweep_all(at=clock.now(), dry_run=dry_run):
            click.echo(f"{report.rows:8}  {report.rule.what}")


@retention.command("deletions")
def deletions() -> None:
    """Print the ids of deleted accounts, one a line. Keep the list apart from the backups."""
    with scoped(SYSTEM), unit_of_work(read_only=True):
        for account_id, at in data_protection.deleted_accounts():
            click.echo(f"{account_id}  {at.isoformat()}")


@retention.command("replay-deletions")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def replay_deletions(file: Path) -> None:
    """After a backup was put back: delete again the accounts of the list in FILE."""
    at, number = clock.now(), 0
    for account_id in _ids(file):
        with scoped(SYSTEM), unit_of_work():
            number += deletion.replay([account_id], at=at)
    click.echo(f"{number} accounts deleted again")


def _ids(file: Path) -> Iterator[UUID]:
    """The first word of each line."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield UUID(line.split()[0])
        except ValueError as error:
            raise click.ClickException(f"line {number} does not begin with an id") from error
