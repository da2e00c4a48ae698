"""What a production must not run on: a role that row-level security does not bind, or invented people."""

import sqlalchemy as sa

from config import Config, ConfigError, Mode
from servicekonto.core.db import db

# "member": whoever can become the owner is as good as the owner.
_IS_RESTRICTED = sa.text(
    "select not rolsuper and not rolbypassrls and not exists ("
    " select 1 from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
    " and pg_has_role(relowner, 'member')"
    ") from pg_roles where rolname = current_user"
)
_HAS_DEMO_ACCOUNTS = sa.text("select exists (select 1 from account where demo_label is not null)")


def is_safe() -> bool:
    """In the current transaction, for ``readyz`` of a production."""
    return _problem(db.session.connection()) is None


def refuse_unsafe(config: Config) -> None:
    """At the start in production. A database that is not reachable yet is asked again by ``readyz``."""
    if config.mode is not Mode.PRODUCTION or not config.database_url.startswith("postgresql"):
        return
    limits = {"connect_timeout": 5} if config.database_url.startswith("postgresql") else {}
    engine = sa.create_engine(
        config.database_url, poolclass=sa.NullPool, hide_parameters=True, connect_args=limits
    )
    try:
        with engine.connect() as connection:
            problem = _problem(connection)
    except sa.exc.OperationalError:
        return
    if problem is not None:
        raise ConfigError(f"SERVICEKONTO_DATABASE_URL {problem}")


def _problem(connection: sa.Connection) -> str | None:
    """The end of a sentence about the database's address."""
    if connection.dialect.name == "postgresql" and not connection.scalar(_IS_RESTRICTED):
        return (
            "names a role that can get round row-level security (superuser, BYPASSRLS or owner of the "
            "tables); name the restricted role"
        )
    if sa.inspect(connection).has_table("account") and connection.scalar(_HAS_DEMO_ACCOUNTS):
        return "names a database with demo accounts, whose passwords everybody knows"
    return None
