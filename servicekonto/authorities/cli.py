"""``flask authorities …``"""

import click
from flask import Flask
from flask.cli import AppGroup

from servicekonto.authorities.importer import import_reference_data, number_of_rows
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import SYSTEM, scoped

authorities_group = AppGroup("authorities", help="Authorities, municipalities and who is competent for what.")


def register(app: Flask) -> None:
    app.cli.add_command(authorities_group)


@authorities_group.command("import")
def import_command() -> None:
    """Bring the packaged reference data into the database. Repeating it changes nothing."""
    with (
        scoped(SYSTEM),
        unit_of_work(),
        click.progressbar(length=number_of_rows(), label="Authorities and places") as bar,
    ):
        summary = import_reference_data(at=clock.now(), progress=bar.update)
    click.echo(f"{summary.added} added, {summary.changed} changed, {summary.removed} removed")
