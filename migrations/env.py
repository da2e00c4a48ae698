"""Runs migrations as the owner of the tables and grants the application's role its rights afterwards."""

from typing import Literal

import sqlalchemy as sa
from alembic import context
from flask import current_app

from config import Config, ConfigError
from servicekonto.core.db import Base, UtcDateTime

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"
ONE_MIGRATION_AT_A_TIME = 730512  # advisory lock number, any constant
APPEND_ONLY = ("audit_entry",)
# What the sealer sets, and what retention empties. The triggers decide when (0014).
CHANGEABLE = ("sealed_at", "number", "key_id", "prev_hash", "payload_hash", "hash", "payload")


def run() -> None:
    config: Config = current_app.config["SERVICEKONTO"]
    if not config.is_demo and config.migration_database_url == config.database_url:
        raise ConfigError("SERVICEKONTO_MIGRATION_DATABASE_URL is missing: it names the owner of the tables")
    engine = sa.create_engine(config.migration_database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        _prepare(connection)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=_render_type,
            transaction_per_migration=True,
        )
        context.run_migrations()
        _grant(connection, config)
        connection.commit()
    engine.dispose()


def _render_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    """A migration is frozen: it names column types of the database, never our own classes."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    if kind == "type" and isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return False


def _prepare(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"set lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(sa.text(f"set statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.execute(sa.text("select pg_advisory_lock(:number)"), {"number": ONE_MIGRATION_AT_A_TIME})
        connection.commit()


def _grant(connection: sa.Connection, config: Config) -> None:
    owner, application = (
        sa.make_url(url).username for url in (config.migration_database_url, config.database_url)
    )
    if connection.dialect.name != "postgresql" or application in (None, owner):
        return
    role = connection.dialect.identifier_preparer.quote(str(application))
    for statement in (
        f"grant usage on schema public to {role}",
        f"grant select, insert, update, delete on all tables in schema public to {role}",
    ):
        connection.execute(sa.text(statement))
    inspector = sa.inspect(connection)
    for table in set(APPEND_ONLY) & set(inspector.get_table_names()):
        known = {column["name"] for column in inspector.get_columns(table)}
        columns = ", ".join(name for name in CHANGEABLE if name in known)
        connection.execute(sa.text(f"revoke update, delete on {table} from {role}"))
        connection.execute(sa.text(f"grant update ({columns}) on {table} to {role}"))


run()
