"""What backup, fsck and the check of the audit trail read: the database as it was at one moment."""

from collections.abc import Iterator
from threading import Thread

import pytest
import sqlalchemy as sa

from servicekonto.catalogue.models import Service
from servicekonto.core import connections
from servicekonto.core.connections import ImpatientConnection
from servicekonto.core.db import db, unit_of_work
from servicekonto.operations.snapshot import snapshot
from servicekonto.web.application import Servicekonto
from tests.integration.operations.restoring import inside

NUMBER = sa.select(sa.func.count()).select_from(Service)
ISOLATION = sa.text("show transaction_isolation")


@pytest.fixture
def app(committed_app: Servicekonto) -> Iterator[Servicekonto]:
    with inside(committed_app):
        yield committed_app
        db.session.remove()


def write_meanwhile(app: Servicekonto) -> None:
    def write() -> None:
        with inside(app), unit_of_work():
            db.session.add(Service(key="meanwhile", slug="inzwischen"))

    thread = Thread(target=write)
    thread.start()
    thread.join()


def test_it_does_not_see_what_is_written_meanwhile(app: Servicekonto) -> None:
    with snapshot() as connection:
        before = connection.scalar(NUMBER)
        write_meanwhile(app)
        assert connection.scalar(NUMBER) == before

    with snapshot() as connection:
        assert connection.scalar(NUMBER) == (before or 0) + 1


@pytest.mark.only("postgresql")
def test_a_connection_is_afterwards_as_it_was_and_good_for_another(
    app: Servicekonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked whether it is still there, which it is when it has rested for a while, it begins nothing."""
    monkeypatch.setattr(connections, "JUST_NOW", 0.0)

    for _ in range(2):
        with snapshot() as connection:
            assert connection.scalar(ISOLATION) == "repeatable read"

    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, ImpatientConnection) and raw.autocommit
        assert raw.info.transaction_status.name == "IDLE"
        assert connection.scalar(ISOLATION) == "read committed"


@pytest.mark.only("postgresql")
def test_it_waits_for_an_answer_that_takes_longer_than_any_page(
    app: Servicekonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "ANSWER_WITHIN", 0.2)
    monkeypatch.setattr(ImpatientConnection, "within", 0.2)
    slow = sa.text("select pg_sleep(0.4)")

    with snapshot() as connection:
        connection.execute(slow)

    with pytest.raises(sa.exc.OperationalError, match="no answer"), unit_of_work(read_only=True):
        db.session.execute(slow)
