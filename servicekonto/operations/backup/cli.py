"""``flask backup`` and ``flask restore``."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext

from servicekonto.core import clock
from servicekonto.operations.backup import dump as dumping
from servicekonto.operations.backup import restore as restoring
from servicekonto.operations.backup.container import BackupError
from servicekonto.operations.progress import progress_bar

_NAME = "servicekonto-%Y-%m-%dT%H%M%SZ.backup"
_NAMED_BY_US = re.compile(r"servicekonto-\d{4}-\d\d-\d\dT\d{6}Z\.backup(\.part)?")

file_to_read = click.Path(exists=True, dir_okay=False, path_type=Path)


def register(app: Flask) -> None:
    app.cli.add_command(backup)
    app.cli.add_command(restore)


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--keep", type=click.IntRange(min=1), help="Delete those in the folder older than this many days."
)
@with_appcontext
def backup(target: Path, keep: int | None) -> None:
    """Write the whole database, encrypted, to TARGET: a new file, or a folder in which it gets a name.

    The application may go on meanwhile. Needed for reading it: the master key and the secret key.
    """
    if keep is not None and not target.is_dir():
        raise click.UsageError("--keep needs a folder")
    at = clock.now()
    path = target / at.strftime(_NAME) if target.is_dir() else target
    with _told_plainly(), progress_bar("Backup") as start:
        rows = dumping.dump(path, at=at, start=start)
    click.echo(f"{rows} rows, {path.stat().st_size} bytes: {path}")
    if keep is not None:
        click.echo(f"{delete_older(target, at - timedelta(days=keep))} old backups deleted")


@click.command("restore")
@click.argument("file", type=file_to_read)
@click.option("--verify-only", is_flag=True, help="Read and check the file; touch no database.")
@with_appcontext
def restore(file: Path, verify_only: bool) -> None:
    """Put a backup back into an EMPTY database that is migrated to the same state. All of it or nothing."""
    act: Callable[..., int] = restoring.verify if verify_only else restoring.restore
    with _told_plainly():
        header = restoring.header_of(file)
        click.echo(f"Made {header.created_at}, migration {header.migration}, master key {header.key_id}")
        with progress_bar("Verify" if verify_only else "Restore") as start:
            rows = act(file, start=start)
    click.echo(f"{rows} rows, all as they were written")


def delete_older(folder: Path, limit: datetime) -> int:
    """Only files that ``flask backup`` named itself, unfinished ones of a killed process too."""
    old = [
        path
        for path in folder.iterdir()
        if _NAMED_BY_US.fullmatch(path.name) and path.name < limit.strftime(_NAME)
    ]
    for path in old:
        path.unlink()
    return len(old)


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except (BackupError, OSError) as error:  # OSError: the disk is full, the folder is not ours
        raise click.ClickException(str(error)) from error
