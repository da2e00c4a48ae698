"""A small application on a database of its own, with real commits, for tests with processes and threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from servicekonto.core import logs
from servicekonto.core.db import db
from servicekonto.core.ids import new_id
from tests.support import postgres


@contextmanager
def own_database_url(kind: str, folder: Path) -> Iterator[str]:
    """Without tables; the role may make some."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'own.sqlite3'}"
        return
    name = f"own_{new_id().hex}"
    yield postgres.create_database(name).owner
    postgres.drop_database(name)


def bare_app(url: str) -> Flask:
    """Only the database and the log: neither pages nor reactions."""
    logs.configure()
    app = Flask("own")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    return app
