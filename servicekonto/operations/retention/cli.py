"""``flask retention``"""

from datetime import timedelta

import click
from flask import Flask
from flask.cli import AppGroup

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.retention import RULES
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.operations.retention import tasks

retention = AppGroup("retention", help="How long what is kept. The workers see to it by themselves.")


def register(app: Flask) -> None:
    app.cli.add_command(retention)


@retention.command("list")
def list_rules() -> None:
    """The rules."""
    for rule in RULES:
        click.echo(f"{rule.what}: {_words(rule.kept)} after {rule.since} ({rule.basis})")


def _words(kept: timedelta) -> str:
    return f"{kept.days} days" if kept.days else f"{kept.total_seconds() / 3600:g} hours"


@retention.command("run")
def run() -> None:
    """End drafts and delete old keys now instead of within the hour."""
    at = clock.now()
    with scoped(SYSTEM):
        click.echo(f"{tasks.remind_of_drafts(at=at)} drafts announced to end")
        click.echo(f"{tasks.delete_drafts(at=at)} drafts deleted")
        with unit_of_work():
            tasks.delete_idempotency_keys(at=at)
            tasks.delete_bulk_reports(at=at)
        click.echo(f"{tasks.empty_audit_payloads(at=at)} payloads of audit entries emptied")
