"""``flask data-catalogue``"""

import click
from flask import Flask
from flask.cli import with_appcontext

from servicekonto.data_protection.markdown import catalogue_page


def register(app: Flask) -> None:
    app.cli.add_command(data_catalogue)


@click.command("data-catalogue")
@with_appcontext
def data_catalogue() -> None:
    """Print docs/security/data-catalogue.md."""
    click.echo(catalogue_page(), nl=False)
