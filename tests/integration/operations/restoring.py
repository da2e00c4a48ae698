"""Places to restore into, and the rows of a database as they are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskCliRunner

from servicekonto.core.db import Base, db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.web.application import Servicekonto
from tests.conftest import application, migrate
from tests.support.templates import copy_of

Rows = dict[str, list[tuple[Any, ...]]]
EmptyDatabase = Callable[[str], Servicekonto]


def empty_application(kind: str, *, shared: Path, folder: Path) -> Servicekonto:
    folder.mkdir()
    return application(copy_of("migrated", kind, migrate, shared=shared, folder=folder))


@contextmanager
def inside(app: Servicekonto) -> Iterator[None]:
    with app.app_context(), scoped(SYSTEM):
        yield


def all_rows(app: Servicekonto) -> Rows:
    """Every column of every row, read through the models' types and not through the backup's."""
    with inside(app), unit_of_work(read_only=True):
        return {
            table.name: sorted(
                (tuple(row) for row in db.session.connection().execute(sa.select(table))), key=lambda r: r[0]
            )
            for table in Base.metadata.tables.values()
        }


def flask(app: Servicekonto, *arguments: object) -> str:
    """Output of a command that succeeds."""
    result = FlaskCliRunner(app).invoke(args=[str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def refusal(app: Servicekonto, *arguments: object) -> str:
    """Message of a command that refuses. One that breaks down refuses nothing."""
    result = FlaskCliRunner(app).invoke(args=[str(argument) for argument in arguments])
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code != 0, result.output
    return result.output
