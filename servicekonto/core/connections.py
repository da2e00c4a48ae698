"""Connections to PostgreSQL that give up on a server which no longer answers, and begin as they are told.

The limits of the server (statement_timeout, lock_timeout) end nothing when the server itself or the way to it
hangs, and the kernel would wait for many minutes.

For the driver they are in autocommit mode: it would begin in an exchange of its own, without saying for whom.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event

CONNECT_WITHIN = 4  # seconds
PING_WITHIN = 3.0
JUST_NOW = 0.1  # between two units of work of one request nobody asks whether the connection is still there
ANSWER_WITHIN = 20.0  # longer than any statement may run there

CONNECT_ARGS: dict[str, Any] = {
    "connect_timeout": CONNECT_WITHIN,
    "gives_up": True,
    "autocommit": True,
    "options": "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s",
}

_READS_ONLY = "reads_only"


class ImpatientConnection(psycopg.Connection[Any]):
    """Closes itself when an answer does not come in time: the pool then throws it away, with its likes."""

    within: float | None = ANSWER_WITHIN

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or self.within)
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError("no answer from the database in time") from None


def begin(connection: sa.Connection, statements: bytes, *, reads_only: bool) -> None:
    """In one exchange, however many they are. Connections of another kind the driver begins by itself. Raises
    OperationalError like any statement, and the pool forgets the connection.
    """
    raw = connection.connection.driver_connection
    if not isinstance(raw, ImpatientConnection):
        return
    try:
        raw.execute(statements, prepare=False)
    except psycopg.Error as error:
        connection.invalidate(error)
        raise sa.exc.OperationalError("BEGIN", None, error, connection_invalidated=True) from error
    connection.info[_READS_ONLY] = reads_only


@contextmanager
def patient(connection: sa.Connection) -> Iterator[None]:
    """For a command that reads everything: it waits for an answer as long as it takes."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, ImpatientConnection):
        yield
        return
    raw.within = None
    try:
        yield
    finally:
        raw.within = ANSWER_WITHIN


def is_idle(connection: sa.Connection) -> bool:
    """One of ours on which nothing has begun."""
    raw = connection.connection.driver_connection
    return isinstance(raw, ImpatientConnection) and (
        raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    )


@event.listens_for(sa.Engine, "rollback")
def _keep_prepared(connection: sa.Connection) -> None:
    """With a rollback the driver forgets what it has prepared, and PostgreSQL would plan each statement anew:
    of most that is the larger part. A transaction that could write nothing may as well be committed.
    """
    if connection.invalidated:  # it broke in the middle, which is what has to be told
        return
    raw, reads_only = connection.connection.driver_connection, connection.info.pop(_READS_ONLY, False)
    if reads_only and isinstance(raw, ImpatientConnection) and _is_sound(raw):
        with suppress(psycopg.Error):  # the rollback that follows meets it too, where it is dealt with
            raw.commit()


def _is_sound(raw: ImpatientConnection) -> bool:
    return raw.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS


@event.listens_for(sa.Engine, "do_connect")
def _connect(_dialect: object, _record: object, arguments: Any, named: dict[str, Any]) -> Any:
    """Only where ``CONNECT_ARGS`` are given: migrations and the restore of a backup may take their time."""
    return ImpatientConnection.connect(*arguments, **named) if named.pop("gives_up", False) else None


@event.listens_for(sa.pool.Pool, "connect")
def _remember_that_it_is_new(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
    record.info["is_new"] = True


@event.listens_for(sa.pool.Pool, "checkin")
def _note_use(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


@event.listens_for(sa.pool.Pool, "checkout")
def _ping(connection: object, record: sa.pool.ConnectionPoolEntry, _fairy: object) -> None:
    """Instead of ``pool_pre_ping``, which waits as long as a statement may take."""
    is_new = record.info.pop("is_new", False)
    was_used = time.monotonic() - record.info.get("used_at", -math.inf) < JUST_NOW
    if is_new or was_used or not isinstance(connection, ImpatientConnection):
        return
    connection.within = PING_WITHIN
    try:
        connection.execute("")
    except psycopg.Error as error:
        raise sa.exc.InvalidatePoolError from error
    finally:
        connection.within = ANSWER_WITHIN
