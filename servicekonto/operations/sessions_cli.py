"""``flask sessions``: for the day when an account, or all of them, may be in wrong hands."""

from datetime import datetime
from typing import cast

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup

from servicekonto.accounts import addresses, queries
from servicekonto.accounts.models import LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
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
    statement = sa.update(LoginSession).where(LoginSession.ended_at.is_(None)).values(ended_at=at)
    if email is not None:
        account = queries.by_email(addresses.normalised(email) or "")
        if account is None:
            raise click.ClickException("there is no account with this address")
        statement = statement.where(LoginSession.account_id == account.id)
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return cast("sa.CursorResult[object]", result).rowcount
