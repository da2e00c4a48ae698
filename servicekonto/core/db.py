"""Database session, unit of work, base class and column types. Nothing else in the code base commits."""

import enum
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

from servicekonto.core import connections
from servicekonto.core.ids import new_id
from servicekonto.core.scope import Scope, apply_scope, as_statements, current_scope, scoped

BUSY_TIMEOUT_MS = 15_000
_BEGUN = "begun"  # how and for whom the transaction of this connection was


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Stores UTC, returns aware datetimes, refuses naive ones."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


class Base(DeclarativeBase):
    """Every row has a UUIDv7, known from its construction: sealed columns are bound to it."""

    registry = registry(
        metadata=sa.MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UtcDateTime,
            dict[str, Any]: sa.JSON(none_as_null=True),
            list[str]: sa.JSON(none_as_null=True),
            enum.Enum: sa.Enum(
                enum.Enum, native_enum=False, length=40, values_callable=lambda cls: [e.value for e in cls]
            ),
        },
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)

    def __init__(self, **values: Any) -> None:
        self.id = values.pop("id", None) or new_id()
        cls = type(self)
        for name in sorted(values, key=lambda name: getattr(getattr(cls, name, None), "is_sealed", False)):
            if not hasattr(cls, name):
                raise TypeError(f"{name!r} is not an attribute of {cls.__name__}")
            setattr(self, name, values[name])


def table_of(model: type[Base]) -> sa.Table:
    """For statements that are built once, at import, with ``bindparam``. To build one of ``model`` anew for
    each execution costs five times as much, which counts where somebody signs in.
    """
    return cast(sa.Table, model.__table__)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

_reading: ContextVar[bool] = ContextVar("reading", default=False)
_working: ContextVar[bool] = ContextVar("working", default=False)
_alone: ContextVar[bool] = ContextVar("alone", default=False)


@event.listens_for(sa.Engine, "connect")
def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    """Python's sqlite3 hides BEGIN and breaks savepoints; take that over."""
    if isinstance(dbapi_connection, sqlite3.Connection):
        dbapi_connection.isolation_level = None
        dbapi_connection.execute("PRAGMA foreign_keys = ON")
        dbapi_connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        dbapi_connection.execute("PRAGMA journal_mode = WAL")
        dbapi_connection.execute("PRAGMA synchronous = FULL")


@event.listens_for(sa.Engine, "begin")
def _begin(connection: sa.Connection) -> None:
    if _alone.get():
        return
    reading = _reading.get()
    if connection.dialect.name == "sqlite":
        # Readers never queue behind a writer; writers take the lock at once instead of failing half-way.
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reading)}")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
    else:
        begin = f"{'BEGIN READ ONLY' if reading else 'BEGIN'};{as_statements(current_scope())}"
        connections.begin(connection, begin.encode(), reads_only=reading)
        connection.info[_BEGUN] = (reading, current_scope())


@event.listens_for(Session, "after_begin")
def _enter_on_postgresql(_session: Session, _transaction: object, connection: sa.Connection) -> None:
    """Something is to do where the transaction is older than the unit of work. Read alone, nothing is."""
    if connection.dialect.name == "postgresql" and not connections.is_idle(connection):
        wanted = (_reading.get(), current_scope())
        if connection.info.pop(_BEGUN, None) != wanted:
            apply_scope(connection, read_only=_reading.get())


@contextmanager
def unit_of_work(*, read_only: bool = False) -> Iterator[None]:
    """Returning commits, raising rolls back. Inside a read-only one the database itself refuses to write."""
    if _alone.get():  # what was read before stood in no transaction; this does
        db.session.commit()
    token, outer, alone = _reading.set(read_only), _working.set(True), _alone.set(False)
    try:
        yield
        if read_only:
            db.session.rollback()
        else:
            db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _reading.reset(token)
        _working.reset(outer)
        _alone.reset(alone)


@contextmanager
def reading_alone() -> Iterator[None]:
    """As ``read_alone``, for several statements and for models: each sees what is committed at its moment. To
    write, begin a unit of work inside.
    """
    token, outer = _alone.set(True), _working.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        _working.reset(outer)
        _alone.reset(token)


@event.listens_for(Session, "before_flush")
def _refuse_to_write_alone(session: Session, _context: object, _objects: object) -> None:
    if _alone.get() and (session.new or session.dirty or session.deleted):
        raise RuntimeError("what is read alone is not written")


def read_alone(statement: sa.Select[Any], values: Mapping[str, object]) -> Sequence[sa.Row[Any]]:
    """Rows of one statement that reads what is nobody's. Outside a unit of work it stands alone: to begin and
    to end a transaction would be two more exchanges with the database, and a session costs more still.
    """
    bind = cast("sa.Engine | sa.Connection", db.engine)
    if in_unit_of_work() or isinstance(bind, sa.Connection):  # in a transaction that nobody outside sees into
        return db.session.execute(statement, values).all()
    token = _alone.set(True)
    try:
        with bind.connect() as connection:
            return connection.execute(statement, values).all()
    finally:
        _alone.reset(token)


def execute(statement: sa.Executable, values: Mapping[str, object]) -> sa.CursorResult[*tuple[Any, ...]]:
    """A statement of tables in the unit of work, past the session: what is pending there is not written
    before, and what was read does not follow. To be read is what it gives, and not as models.
    """
    return db.session.connection().execute(statement, values)


@contextmanager
def working_as(scope: Scope) -> Iterator[None]:
    """For another scope inside the same transaction. What is pending is written before, its own at the end.

    The few acts in which one person's doing changes what belongs to another need it; each of them says why.
    """
    db.session.flush()
    is_guarded = db.session.connection().dialect.name == "postgresql"
    with scoped(scope):
        if is_guarded:
            apply_scope(db.session.connection())
        yield
        db.session.flush()
    if is_guarded:
        apply_scope(db.session.connection())


@contextmanager
def reading() -> Iterator[None]:
    """In the unit of work that has begun, or in one of its own that only reads."""
    if in_unit_of_work():
        yield
    else:
        with unit_of_work(read_only=True):
            yield


def in_unit_of_work() -> bool:
    """Whether the database may be asked here without opening a transaction that nobody ends."""
    return _working.get()
