"""Connections to PostgreSQL that give up on a server which no longer answers.

The limits of the server (statement_timeout, lock_timeout) end nothing when the server itself or the way to it
hangs, and the kernel would wait for many minutes.
"""

import math
import time
from typing import Any, cast

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
    "options": "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s",
}


class ImpatientConnection(psycopg.Connection[Any]):
    """Closes itself when an answer does not come in time: the pool then throws it away, with its likes."""

    within = ANSWER_WITHIN

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, timeout or self.within)
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError("no answer from the database in time") from None


def will_begin(connection: sa.Connection, *, read_only: bool) -> bool:
    """The driver begins a transaction with its first statement, and then in this way: that costs nothing.
    False: one has begun already.
    """
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    if raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        return False
    raw.read_only = read_only
    return True


@event.listens_for(sa.Engine, "do_connect")
def _connect(_dialect: object, _record: object, arguments: Any, named: dict[str, Any]) -> Any:
    """Only where ``CONNECT_ARGS`` are given: migrations and the restore of a backup may take their time."""
    return ImpatientConnection.connect(*arguments, **named) if named.pop("gives_up", False) else None


@event.listens_for(sa.pool.Pool, "connect")
def _remember_that_it_is_new(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
    record.info["is_new"] = True


@event.listens_for(sa.pool.Pool, "checkin")
def _clear(connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
    """Whoever takes it next without a session of the ORM begins as usual. None: it is broken."""
    record.info["used_at"] = time.monotonic()
    if isinstance(connection, ImpatientConnection) and not connection.closed:
        connection.read_only = None


@event.listens_for(sa.pool.Pool, "checkout")
def _ping(connection: object, record: sa.pool.ConnectionPoolEntry, _fairy: object) -> None:
    """Instead of ``pool_pre_ping``, which waits as long as a statement may take."""
    is_new = record.info.pop("is_new", False)
    was_used = time.monotonic() - record.info.get("used_at", -math.inf) < JUST_NOW
    if is_new or was_used or not isinstance(connection, ImpatientConnection):
        return
    connection.within = PING_WITHIN
    try:
        connection.autocommit = True
        connection.execute("")
        connection.autocommit = False
    except psycopg.Error as error:
        raise sa.exc.InvalidatePoolError from error
    finally:
        connection.within = ANSWER_WITHIN
