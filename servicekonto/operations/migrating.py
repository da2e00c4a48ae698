"""``flask db``. Flask-Migrate and Alembic are loaded when somebody migrates: a web server needs neither."""

import functools
from typing import Any

import click
from flask import Flask

from config import PROJECT_ROOT

FOLDER = str(PROJECT_ROOT / "migrations")


def register(app: Flask) -> None:
    app.extensions["migrate"] = _Migrations()
    app.cli.add_command(_Commands("db", help="Perform database migrations."))


class _Migrations:
    """What Flask-Migrate looks for among the extensions."""

    directory = FOLDER

    @functools.cached_property
    def migrate(self) -> Any:
        from flask_migrate import Migrate  # noqa: PLC0415

        return Migrate(directory=FOLDER)


class _Commands(click.Command):
    """Stands for the group of Flask-Migrate until it is called."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        from flask_migrate.cli import db  # type: ignore[import-not-found]  # noqa: PLC0415

        context: click.Context = db.make_context(*args, **options)
        return context
