"""``flask catalogue publish``"""

from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from servicekonto.catalogue import commands
from servicekonto.catalogue.definition import DefinitionError, load_definition, load_definitions
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import ConflictError
from servicekonto.core.scope import SYSTEM, scoped

DEFINITIONS = Path(__file__).parent / "definitions"

catalogue = AppGroup("catalogue", help="Services and their published versions.")


def register(app: Flask) -> None:
    app.cli.add_command(catalogue)


@catalogue.command("publish")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def publish(files: tuple[Path, ...]) -> None:
    """Publish the definitions given, or all of the application. Repeating it changes nothing."""
    try:
        definitions = [load_definition(file) for file in files] or load_definitions(DEFINITIONS).values()
        with scoped(SYSTEM), unit_of_work():
            for definition in definitions:
                version = commands.publish(definition, valid_from=clock.today(), at=clock.now())
                click.echo(
                    f"{definition.key} {definition.version}: {'published' if version else 'unchanged'}"
                )
    except DefinitionError as error:
        raise click.ClickException(str(error)) from error
    except ConflictError as error:
        raise click.ClickException(
            f"{error}: a published version never changes; count the number up"
        ) from error
