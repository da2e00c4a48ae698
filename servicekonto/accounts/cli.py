"""``flask operators``."""

import sys
from datetime import datetime

import click
from flask import Flask
from flask.cli import AppGroup

from servicekonto.accounts import addresses, commands, password_policy, passwords
from servicekonto.accounts.models import AccountKind
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import SYSTEM, scoped

operators = AppGroup("operators", help="Accounts of those who run this installation.")


def register(app: Flask) -> None:
    app.cli.add_command(operators)


@operators.command("create")
@click.option("--email", required=True, help="Address to sign in with.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, its first line.")
def create(email: str, password_stdin: bool) -> None:
    """Create an operator's account. Without --password-stdin it asks for the password."""
    address = addresses.normalised(email)
    if address is None:
        raise click.BadParameter("this is no e-mail address", param_hint="--email")
    password = _read_password(from_stdin=password_stdin)
    problem = password_policy.problem(password, kind=AccountKind.OPERATOR, personal=[address])
    if problem is not None:
        raise click.ClickException(problem)
    _create(address, passwords.hash_password(password), at=clock.now())
    click.echo("The operator's account exists now.")


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _create(address: str, encoded_hash: str, *, at: datetime) -> None:
    try:
        with scoped(SYSTEM), unit_of_work():
            commands.create_account(
                address, kind=AccountKind.OPERATOR, encoded_hash=encoded_hash, by=None, at=at
            )
    except commands.AddressTakenError as error:
        raise click.ClickException("An account with this address exists already.") from error
