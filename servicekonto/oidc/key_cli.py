"""The commands about signing keys in ``flask keys``."""

from datetime import datetime

import click
from flask.cli import with_appcontext

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import NotFoundError
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.oidc import keys

_COLUMNS = "{:<43}  {:<4} {:<8} {:<17} {:<17} {:<17} {:<17}"


@click.command("list")
@with_appcontext
def list_keys() -> None:
    """List the keys that sign ID tokens. Times are UTC."""
    click.echo(_COLUMNS.format("key", "type", "state", "made", "signs since", "until", "deleted").rstrip())
    with scoped(SYSTEM), unit_of_work(read_only=True):
        for key in keys.all_keys():
            ended = key.revoked_at or key.retired_at
            times = map(_time, (key.created_at, key.activated_at, ended, key.delete_at))
            click.echo(_COLUMNS.format(key.kid, key.family, key.state, *times).rstrip())


@click.command("ensure")
@with_appcontext
def ensure() -> None:
    """Make the keys that sign ID tokens where they are missing, and what else is due. Workers do it daily."""
    with scoped(SYSTEM):
        keys.ensure_keys(at=clock.now())


@click.command("rotate")
@click.option("--now", is_flag=True, help="Without waiting until a new key has been published for a day.")
@with_appcontext
def rotate(now: bool) -> None:
    """Sign ID tokens with the next key from here on. The old one stays published for 90 days."""
    with scoped(SYSTEM):
        changed = keys.rotate(at=clock.now(), without_waiting=now)
    if not changed:
        raise click.ClickException("No next key has been published for a day yet; --now does not wait.")
    for kid in changed:
        click.echo(f"{kid} signs from now on.")


@click.command("revoke")
@click.argument("kid")
@with_appcontext
def revoke(kid: str) -> None:
    """Stop publishing a key that somebody else may have; the next one signs at once."""
    with scoped(SYSTEM):
        try:
            keys.revoke(kid, at=clock.now())
        except NotFoundError as error:
            raise click.ClickException("There is no such key; see flask keys list.") from error
    click.echo(f"{kid} is revoked. Who has cached the keys accepts it for up to an hour more.")


COMMANDS = (list_keys, ensure, rotate, revoke)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"
