"""Jobs are about what is committed, so these tests have a database of their own and really commit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from servicekonto.core.db import db
from servicekonto.jobs.models import Job, WorkerHeartbeat
from tests.integration.jobs import handlers
from tests.support.own_database import bare_app, own_database_url


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    with own_database_url(database_kind, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Flask]:
    """The application on that database. (Overrides the one that rolls everything back.)"""
    app = bare_app(database_url)
    with app.app_context():
        for metadata_tables in ([Job.__table__, WorkerHeartbeat.__table__], [handlers.effect]):
            for table in metadata_tables:
                table.create(db.engine)  # type: ignore[attr-defined]
        yield app
        db.session.remove()
        db.engine.dispose()
