"""Fixtures. Integration tests run once on SQLite and once on PostgreSQL, as the restricted role."""

import base64
import dataclasses
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa
from flask_migrate import upgrade
from playwright.sync_api import Browser

from config import Config
from servicekonto import create_app
from servicekonto.authorities import importer
from servicekonto.catalogue.cli import DEFINITIONS
from servicekonto.catalogue.commands import publish
from servicekonto.catalogue.definition import load_definitions
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.web.application import Servicekonto
from tests.support import postgres
from tests.support.browser import chromium
from tests.support.client import PageClient
from tests.support.databases import DatabaseUrls
from tests.support.templates import copy_of

DATABASES = ("sqlite", "postgresql")
LONG_AGO = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    postgres.pytest_configure(config)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=DATABASES, help="run integration tests on this database only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        only = metafunc.definition.get_closest_marker("only")
        kinds = [kind for kind in (only.args if only else DATABASES) if chosen in (None, kind)]
        metafunc.parametrize("database_kind", kinds, scope="session", indirect=True)


def a_key(name: str) -> str:
    """The same in every run: a failing test must fail again."""
    return base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()


def test_environment(urls: DatabaseUrls) -> dict[str, str]:
    return {
        "SERVICEKONTO_MODE": "demo",
        "SERVICEKONTO_BASE_URL": "http://localhost",
        "SERVICEKONTO_DATABASE_URL": urls.application,
        "SERVICEKONTO_MIGRATION_DATABASE_URL": urls.owner,
        "SERVICEKONTO_MASTER_KEY": f"test:{a_key('master')}",
        "SERVICEKONTO_SECRET_KEY": a_key("secret"),
        "SERVICEKONTO_ARGON2_MEMORY_KIB": "8",
        "SERVICEKONTO_ARGON2_PASSES": "1",
    }


test_environment.__test__ = False  # type: ignore[attr-defined]


_made: list[Servicekonto] = []


def application(urls: DatabaseUrls, **overrides: Any) -> Servicekonto:
    app = create_app(dataclasses.replace(Config.from_environment(test_environment(urls)), **overrides))
    app.testing = True
    _made.append(app)
    return app


@pytest.fixture(autouse=True)
def _connections_end_with_the_test() -> Iterator[None]:
    """Also those of applications that a test makes beside the usual one."""
    yield
    while _made:
        with _made.pop().app_context():
            db.engine.dispose()


def migrate(urls: DatabaseUrls) -> None:
    with application(urls).app_context():
        upgrade()
        db.engine.dispose()


def migrate_and_fill(urls: DatabaseUrls) -> None:
    """With all authorities and every packaged service published, online nowhere yet."""
    migrate(urls)
    with application(urls).app_context():
        with scoped(SYSTEM), unit_of_work():
            importer.import_reference_data(at=LONG_AGO)
            for definition in load_definitions(DEFINITIONS).values():
                publish(definition, valid_from=LONG_AGO.date(), at=LONG_AGO)
        db.engine.dispose()


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    return cast(str, request.param)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for all processes of one test run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def app(
    database_kind: str, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servicekonto]:
    folder = tmp_path_factory.mktemp("database")
    app = application(copy_of("filled", database_kind, migrate_and_fill, shared=shared_folder, folder=folder))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def database(app: Servicekonto) -> Iterator[None]:
    """The test runs in one outer transaction that is rolled back; commits inside are savepoints."""
    with app.app_context(), scoped(SYSTEM):
        engine = db.engine
        engines = cast(dict[str | None, Any], db.engines)
        with engine.connect() as connection:
            outer = connection.begin()
            engines[None] = connection
            db.session.configure(join_transaction_mode="create_savepoint")
            yield
            db.session.remove()
            engines[None] = engine
            db.session.configure(join_transaction_mode="conditional_savepoint")
            outer.rollback()


@pytest.fixture
def client(app: Servicekonto, database: None) -> PageClient:
    return PageClient(app)


@pytest.fixture
def own_urls(database_kind: str, shared_folder: Path, tmp_path: Path) -> DatabaseUrls:
    """A database for one test alone."""
    return copy_of("filled", database_kind, migrate_and_fill, shared=shared_folder, folder=tmp_path)


@pytest.fixture
def committed_app(own_urls: DatabaseUrls) -> Iterator[Servicekonto]:
    """An application with a database of its own, for tests with threads, processes and real commits."""
    app = application(own_urls)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all: Playwright starts once in a thread."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def queries(app: Servicekonto, database: None) -> Iterator[list[str]]:
    """Every statement that is sent to the database from here on, without savepoints and settings."""
    statements: list[str] = []

    def remember(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA", "select set_config")):
            statements.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", remember)
    yield statements
    sa.event.remove(sa.Engine, "before_cursor_execute", remember)
