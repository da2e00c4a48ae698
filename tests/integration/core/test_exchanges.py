"""How a transaction begins and ends on PostgreSQL, and what is read without one."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from servicekonto.catalogue.models import Service
from servicekonto.core import connections
from servicekonto.core.connections import ImpatientConnection
from servicekonto.core.db import db, read_alone, reading_alone, table_of, unit_of_work
from servicekonto.core.ids import new_id
from servicekonto.core.scope import SYSTEM, Scope, scoped
from servicekonto.web.application import Servicekonto
from tests.support.postgres import administration

KEY = "written-by-a-test"
NAMED = sa.select(table_of(Service).c.slug).where(table_of(Service).c.key == sa.bindparam("key"))
_NAMES = ("everything", "account_id", "authority_id", "pool_id")
SETTINGS = sa.text("select " + ", ".join(f"current_setting('servicekonto.{name}', true)" for name in _NAMES))


@pytest.fixture
def application(committed_app: Servicekonto) -> Iterator[Servicekonto]:
    with committed_app.app_context():
        yield committed_app
        db.session.remove()


@pytest.fixture
def queries_of_this() -> Iterator[list[str]]:
    """Everything that is sent, settings too."""
    sent: list[str] = []

    def remember(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", remember)
    yield sent
    sa.event.remove(sa.Engine, "before_cursor_execute", remember)


def write_service(slug: str) -> None:
    db.session.add(Service(key=KEY, slug=slug))
    db.session.flush()


def break_off(number: int | None) -> None:
    """As when the server of the database is started anew."""
    with administration() as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [number])


def ask_what_is_broken_off() -> None:
    break_off(db.session.scalar(sa.text("select pg_backend_pid()")))
    db.session.execute(sa.text("select 1"))


def slugs() -> list[str]:
    return [row.slug for row in read_alone(NAMED, {"key": KEY})]


@pytest.mark.only("postgresql")
def test_a_transaction_begins_for_whom_it_is_and_leaves_nothing_for_the_next(
    application: Servicekonto,
) -> None:
    scope = Scope(account_id=new_id(), authority_id=new_id(), pool_id=new_id())

    with scoped(scope), unit_of_work():
        known = db.session.execute(SETTINGS).one()
    with unit_of_work():
        afterwards = db.session.execute(SETTINGS).one()

    assert tuple(known)[1:] == (str(scope.account_id), str(scope.authority_id), str(scope.pool_id))
    assert not known[0] and not any(afterwards)


@pytest.mark.only("postgresql")
def test_what_was_prepared_stays_so_when_reading_ends(application: Servicekonto) -> None:
    for _ in range(10):
        with unit_of_work(read_only=True):
            db.session.execute(NAMED, {"key": KEY}).all()

    with unit_of_work(read_only=True):
        prepared = db.session.scalars(sa.text("select statement from pg_prepared_statements")).all()
    assert any("service.slug" in statement for statement in prepared)


@pytest.mark.only("postgresql")
def test_a_statement_that_failed_while_reading_leaves_a_sound_connection(application: Servicekonto) -> None:
    for _ in range(2):
        with pytest.raises(sa.exc.DBAPIError), unit_of_work(read_only=True):
            db.session.execute(sa.text("select 1 / 0"))

    with scoped(SYSTEM), unit_of_work():
        write_service("danach")
    assert slugs() == ["danach"]


@pytest.mark.only("postgresql")
def test_what_is_read_alone_is_read_by_nobody_and_in_no_transaction(application: Servicekonto) -> None:
    with scoped(SYSTEM):
        (known,) = read_alone(sa.select(sa.text("current_setting('servicekonto.everything', true)")), {})

    assert known[0] in (None, "")
    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, ImpatientConnection)
        assert raw.info.transaction_status.name == "IDLE"


@pytest.mark.only("postgresql")
def test_a_connection_that_breaks_at_the_beginning_is_an_outage_and_replaced(
    application: Servicekonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Used a moment ago, so nobody asks whether it is still there."""
    monkeypatch.setattr(connections, "JUST_NOW", 60.0)
    with unit_of_work(read_only=True):
        number = db.session.scalar(sa.text("select pg_backend_pid()"))
    break_off(number)

    with pytest.raises(sa.exc.OperationalError), unit_of_work(read_only=True):
        db.session.execute(sa.text("select 1"))

    with scoped(SYSTEM), unit_of_work():
        write_service("danach")
    assert slugs() == ["danach"]


@pytest.mark.only("postgresql")
def test_a_connection_that_breaks_while_reading_is_an_outage_and_replaced(
    application: Servicekonto,
) -> None:
    with pytest.raises(sa.exc.OperationalError), unit_of_work(read_only=True):
        break_off(db.session.scalar(sa.text("select pg_backend_pid()")))

    with unit_of_work(read_only=True):
        assert db.session.scalar(sa.text("select 1")) == 1


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("reads_only", [True, False])
def test_a_statement_on_a_connection_that_breaks_tells_what_broke(
    application: Servicekonto, reads_only: bool
) -> None:
    """And not that there is nothing to roll back."""
    with pytest.raises(sa.exc.OperationalError), unit_of_work(read_only=reads_only):
        ask_what_is_broken_off()


def test_what_is_read_alone_is_what_was_committed(application: Servicekonto) -> None:
    with scoped(SYSTEM), unit_of_work():
        write_service("geschrieben")

    assert slugs() == ["geschrieben"]


def test_models_can_be_read_alone_and_what_is_written_inside_needs_a_unit_of_work(
    application: Servicekonto,
) -> None:
    with reading_alone():
        assert db.session.scalar(sa.select(Service).where(Service.key == KEY)) is None
        with scoped(SYSTEM), unit_of_work():
            write_service("darin")
        found = db.session.scalars(sa.select(Service).where(Service.key == KEY)).one()
        found.slug = "anders"
        with pytest.raises(RuntimeError, match="read alone"):
            db.session.flush()

    assert slugs() == ["darin"]


@pytest.mark.only("postgresql")
def test_reading_alone_begins_nothing(application: Servicekonto, queries_of_this: list[str]) -> None:
    with scoped(SYSTEM), reading_alone():
        db.session.scalars(sa.select(Service).where(Service.key == KEY)).all()
        raw = db.session.connection().connection.driver_connection

        assert isinstance(raw, ImpatientConnection)
        assert raw.info.transaction_status.name == "IDLE"
    assert [statement.split()[0] for statement in queries_of_this] == ["SELECT"]


def test_inside_a_unit_of_work_it_sees_what_was_written_there(application: Servicekonto) -> None:
    with scoped(SYSTEM), unit_of_work():
        write_service("noch-offen")
        seen = slugs()
        db.session.rollback()

    assert seen == ["noch-offen"]
    assert slugs() == []
