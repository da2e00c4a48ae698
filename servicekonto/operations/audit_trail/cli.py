"""``flask audit``"""

import sys
from collections.abc import Iterable
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from servicekonto.audit import checkpoints, verifying
from servicekonto.audit.checkpoints import Expected
from servicekonto.core import clock
from servicekonto.core.settings import settings
from servicekonto.operations.audit_trail import files
from servicekonto.operations.progress import progress_bar
from servicekonto.operations.snapshot import snapshot

A_FILE = click.Path(dir_okay=False, path_type=Path)
AN_EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

audit = AppGroup("audit", help="The chain of the audit trail.")


def register(app: Flask) -> None:
    app.cli.add_command(audit)


@audit.command("checkpoint")
@click.option("--to", "path", type=A_FILE, help="Instead of standard output.")
def checkpoint(path: Path | None) -> None:
    """Write down where each chain ends, signed. Keep it where nobody can reach who can reach the database."""
    with snapshot():
        lines = list(checkpoints.lines(checkpoints.heads(at=clock.now())))
    if path is None:
        for line in lines:
            click.echo(line)
    else:
        files.write(path, lines)


@audit.command("verify")
@click.option(
    "--checkpoint",
    "paths",
    type=AN_EXISTING_FILE,
    multiple=True,
    help="Several are possible. Without: the newest in SERVICEKONTO_AUDIT_CHECKPOINTS.",
)
def verify(paths: tuple[Path, ...]) -> None:
    """Compute all chains anew, at one moment, while the application may go on.

    Exit code 1 when something is wrong. The output holds ids and numbers, no personal data.
    """
    expected, damaged = _expected(paths or _newest())
    with snapshot(), progress_bar("Audit trail") as start:
        report = verifying.verify(expected, at=clock.now(), progress=start(verifying.count_sealed()))
    for found in report.breaks:
        click.echo(f"{found.chain}: entry {found.number} ({found.entry_id or 'gone'}) {found.what}")
    for text in damaged:
        click.echo(text)
    if report.overdue:
        click.echo(
            f"{report.overdue} entries wait for their seal for more than 5 minutes: is a worker running?"
        )
    if not expected.hashes:
        click.echo("Without a checkpoint nobody can see whether entries are missing at the end")
    click.echo(f"{report.entries} entries in {report.chains} chains, {len(report.breaks)} broken")
    sys.exit(0 if report.is_whole and not damaged else 1)


def _newest() -> tuple[Path, ...]:
    folder = settings().audit_checkpoints
    newest = files.newest_in(folder) if folder else None
    return (newest,) if newest else ()


def _expected(paths: Iterable[Path]) -> tuple[Expected, list[str]]:
    """What the files say, and which of them are damaged."""
    expected, damaged = Expected(), []
    for path in paths:
        try:
            for head in files.heads_in(path):
                expected.add(head)
        except files.BadCheckpointError as error:
            damaged.append(str(error))
    return expected, damaged
