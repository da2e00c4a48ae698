"""The whole database as it was at one moment, while the application goes on writing."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from servicekonto.core.connections import patient
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped

# Said to the transaction and not to SQLAlchemy, which would leave the connection out of autocommit mode:
# asked later whether it is still there, it would begin a transaction (``core/connections.py``).
_OF_ONE_MOMENT = (
    "set transaction isolation level repeatable read",
    "set local statement_timeout = 0",
    "set local idle_in_transaction_session_timeout = 0",
)


@contextmanager
def snapshot() -> Iterator[sa.Connection]:
    """``db.session`` reads in it too. Nothing can be written, and no time limit of the application holds."""
    with scoped(SYSTEM), unit_of_work(read_only=True):
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            for statement in _OF_ONE_MOMENT:
                connection.execute(sa.text(statement))
        with patient(connection):
            yield connection


def migration_of(connection: sa.Connection) -> str | None:
    """None: the database has no tables yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(sa.text("select version_num from alembic_version"))
    return version
