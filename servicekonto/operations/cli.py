"""``flask seed`` and ``flask keys``; the other commands of this package are registered here too."""

import json
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup

from servicekonto.core import clock
from servicekonto.core.db import Base, db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.core.sealing import HasDataKey
from servicekonto.core.settings import settings
from servicekonto.oidc import key_cli
from servicekonto.oidc import keys as signing_keys
from servicekonto.operations import accounts_cli, sessions_cli
from servicekonto.operations.audit_trail import cli as audit_cli
from servicekonto.operations.audit_trail import tasks as audit_tasks  # noqa: F401 - registers its handlers
from servicekonto.operations.backup import cli as backup_cli
from servicekonto.operations.demo.reset import last_afternoon, reset
from servicekonto.operations.demo.seed import Seed, account_list, steps
from servicekonto.operations.demo.volume.seed import add_volume
from servicekonto.operations.fsck import cli as fsck_cli
from servicekonto.operations.metrics import cli as metrics_cli
from servicekonto.operations.progress import Progress
from servicekonto.operations.retention import cli as retention_cli

BATCH = 500

keys = AppGroup("keys", help="The master key that wraps all data keys, and the keys that sign ID tokens.")


def register(app: Flask) -> None:
    app.cli.add_command(seed)
    app.cli.add_command(keys)
    for command in key_cli.COMMANDS:
        keys.add_command(command)
    accounts_cli.register(app)
    audit_cli.register(app)
    backup_cli.register(app)
    fsck_cli.register(app)
    metrics_cli.register(app)
    retention_cli.register(app)
    sessions_cli.register(app)


@click.command("seed")
@click.option("--demo", is_flag=True, required=True, help="Invented people, registries and requests.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Where to list them."
)
@click.option(
    "--volume", type=click.IntRange(min=1), help="So many further requests, rounded up to thousands."
)
@click.option("--reset", "first_state", is_flag=True, help="Delete everything and begin again.")
def seed(demo: bool, json_file: Path | None, volume: int | None, first_state: bool) -> None:
    """Fill a demonstration with data. Repeating it changes nothing, and goes on where it was stopped."""
    if not settings().is_demo:
        raise click.ClickException("SERVICEKONTO_MODE is not demo: no invented people in a real installation")
    with scoped(SYSTEM):
        signing_keys.ensure_keys(at=clock.now())
    with scoped(SYSTEM), unit_of_work(), click.progressbar(length=steps(), label="Demo data") as bar:
        is_new = _fill(first_state, bar.update)
        bar.update(0 if is_new else steps())
        accounts = account_list(settings().base_url)
    if json_file is not None:
        json_file.write_text(json.dumps(accounts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    click.echo("Demo data written" if is_new else "Demo data were there already")
    if volume is not None:
        with click.progressbar(length=volume, label="Requests", update_min_steps=1000) as bar:
            added = add_volume(volume, progress=bar.update)
        click.echo(f"{added} requests written")


def _fill(first_state: bool, progress: Progress) -> bool:
    at = last_afternoon(clock.now())
    if first_state:
        reset(at=at, progress=progress)
        return True
    return Seed(at=at, progress=progress).run()


@keys.command("rewrap")
def rewrap() -> None:
    """Wrap every data key with the first master key. Can be stopped and started again."""
    for mapper in Base.registry.mappers:
        if issubclass(mapper.class_, HasDataKey):
            click.echo(f"{mapper.class_.__tablename__}: {_rewrap_table(mapper.class_)} keys")


def _rewrap_table(owner: Any) -> int:
    """In batches, each committed: a large table does not lock, and nothing is lost when it is stopped."""
    with scoped(SYSTEM), unit_of_work(read_only=True):
        ids = list(db.session.scalars(sa.select(owner.id).order_by(owner.id)))
    changed = 0
    with click.progressbar(range(0, len(ids), BATCH), label=str(owner.__tablename__)) as starts:
        for start in starts:
            with scoped(SYSTEM), unit_of_work():
                rows = db.session.scalars(sa.select(owner).where(owner.id.in_(ids[start : start + BATCH])))
                changed += sum(row.rewrap_data_key() for row in rows)
    return changed
