"""Damage that the application cannot do, done behind its back."""

import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.core.scope import SYSTEM, apply_scope, scoped
from servicekonto.core.settings import settings
from servicekonto.web.application import Servicekonto


def break_by_sql(app: Servicekonto, *statements: str) -> None:
    """As the owner of the tables, with no constraint in the way."""
    with app.app_context(), scoped(SYSTEM):
        db.session.remove()
        engine = sa.create_engine(settings().migration_database_url, poolclass=sa.NullPool)
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _without_checks)
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                apply_scope(connection)
                _drop_constraints(connection)
            for statement in statements:
                connection.execute(sa.text(statement))
        engine.dispose()


def _without_checks(connection: sa.PoolProxiedConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.execute("PRAGMA ignore_check_constraints = ON")


def _drop_constraints(connection: sa.Connection) -> None:
    found = connection.execute(
        sa.text(
            "select conrelid::regclass::text, conname from pg_constraint"
            " where contype in ('f', 'c') and connamespace = current_schema()::regnamespace"
        )
    )
    for table, name in found.all():
        connection.exec_driver_sql(f'alter table {table} drop constraint "{name}"')
