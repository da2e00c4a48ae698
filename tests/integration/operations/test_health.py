from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from config import ConfigError, Mode
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.settings import settings
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.queue import enqueue
from servicekonto.operations import safety
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account
from tests.conftest import application
from tests.support.client import PageClient
from tests.support.databases import DatabaseUrls
from tests.support.own_database import own_database_url

PRODUCTION = {
    "mode": Mode.PRODUCTION,
    "base_url": "https://konto.example.org",
    "smtp_url": "smtp://127.0.0.1:1",
}


def test_a_migrated_database_without_a_backlog_is_ready(client: PageClient) -> None:
    assert client.client.get("/livez").json == {"status": "alive"}
    answer = client.client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


def test_work_that_nobody_does_leaves_the_website_to_people(client: PageClient) -> None:
    enqueue("make_receipt", payload={}, at=clock.now() - timedelta(days=1))

    assert client.client.get("/readyz").status_code == 200


def test_production_does_not_start_on_a_demonstration(
    database_kind: str, committed_app: Servicekonto
) -> None:
    with committed_app.app_context():
        config = settings()
        create_account(demo_label="Erika Mustermann, erfunden")

    if database_kind == "postgresql":
        urls = DatabaseUrls(application=config.database_url, owner=config.migration_database_url)
        with pytest.raises(ConfigError, match="demo accounts"):
            application(urls, **PRODUCTION)
    with committed_app.app_context(), unit_of_work(read_only=True):
        assert not safety.is_safe()


def test_dead_jobs_alone_do_not_stop_the_service(client: PageClient) -> None:
    enqueue("make_receipt", payload={}, at=clock.now() - timedelta(days=1))
    db.session.execute(sa.update(Job).values(status=JobStatus.DEAD))

    assert client.client.get("/readyz").status_code == 200


def test_a_database_of_another_version_is_not_ready(committed_app: Servicekonto) -> None:
    with committed_app.app_context():
        engine = sa.create_engine(settings().migration_database_url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("update alembic_version set version_num = '0001'"))

    assert committed_app.test_client().get("/readyz").status_code == 503


def test_an_empty_database_is_alive_and_not_ready(database_kind: str, tmp_path: Path) -> None:
    with own_database_url(database_kind, tmp_path) as url:
        app = application(DatabaseUrls(application=url, owner=url))
        try:
            answers = [app.test_client().get(path).status_code for path in ("/livez", "/readyz")]
        finally:
            with app.app_context():
                db.engine.dispose()

    assert answers == [200, 503]


def test_a_database_that_does_not_answer_is_503_with_a_page_that_says_so() -> None:
    nowhere = "sqlite:////nowhere/at/all.sqlite3"
    app = application(DatabaseUrls(application=nowhere, owner=nowhere))

    answer = app.test_client().get("/leistungen")

    assert app.test_client().get("/readyz").status_code == 503
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


@pytest.mark.only("postgresql")
def test_production_does_not_start_with_the_role_of_the_owner(committed_app: Servicekonto) -> None:
    with committed_app.app_context():
        config = settings()
    owner = config.migration_database_url
    superuser = owner.replace("servicekonto_owner@", "postgres@")

    for unsafe in (owner, superuser):
        with pytest.raises(ConfigError, match="row-level security"):
            application(DatabaseUrls(application=unsafe, owner=owner), **PRODUCTION)
    restricted = application(DatabaseUrls(application=config.database_url, owner=owner), **PRODUCTION)
    assert restricted.test_client().get("/readyz").status_code == 200
    with restricted.app_context():
        db.engine.dispose()


def test_production_starts_before_its_database_does() -> None:
    nowhere = "postgresql+psycopg://app@127.0.0.1:1/servicekonto?connect_timeout=1"
    app = application(DatabaseUrls(application=nowhere, owner="sqlite://"), **PRODUCTION)

    assert app.test_client().get("/readyz").status_code == 503
    assert app.test_client().get("/livez").status_code == 200
