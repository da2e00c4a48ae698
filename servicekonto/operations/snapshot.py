"""The whole database as it was at one moment, while the application goes on writing."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped


@contextmanager
def snapshot() -> Iterator[sa.Connection]:
    """``db.session`` reads in it too. Nothing can be written, and no time limit of the application holds."""
    with scoped(SYSTEM), unit_of_work(read_only=True):
        if db.engine.dialect.name == "postgresql":
            connection = db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(sa.text(f"set local {limit} = 0"))
        yield db.session.connection()


def migration_of(connection: sa.Connection) -> str | None:
    """None: the database has no tables yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(sa.text("select version_num from alembic_version"))
    return version
