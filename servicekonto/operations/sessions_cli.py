"""``flask sessions``: for the day when an account, or all of them, may be in wrong hands."""

from datetime import datetime

import click
from flask import Flask
from flask.cli import AppGroup

from servicekonto.accounts import addresses, queries
from servicekonto.accounts import sessions as account_sessions
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import SYSTEM, scoped

sessions = AppGroup("sessions", help="Signed-in browsers.")


def register(app: Flask) -> None:
    app.cli.add_command(sessions)


@sessions.command("end")
@click.option("--email", help="Of one account.")
@click.option("--everybody", is_flag=True, help="Of all accounts.")
def end(email: str | None, everybody: bool) -> None:
    """Sign one account or everybody out at once. What was saved stays; signing in again is possible."""
    if (email is None) is not everybody:
        raise click.UsageError("say either --email or --everybody")
    with scoped(SYSTEM), unit_of_work():
        number = _end(email, at=clock.now())
    click.echo(f"{number} sessions ended")


def _end(email: str | None, *, at: datetime) -> int:
    if email is None:
        return account_sessions.end_everybodys(at=at)
    account = queries.by_email(addresses.normalised(email) or "")
    if account is None:
        raise click.ClickException("there is no account with this address")
    return account_sessions.end_all(account, at=at)
