"""Row-level security binds no superuser, no role that is exempt, and no owner who can switch it off."""

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


def is_restricted() -> bool:
    """In the current transaction. SQLite has no roles, and no place in production."""
    if db.session.get_bind().dialect.name != "postgresql":
        return True
    return bool(db.session.scalar(_IS_RESTRICTED))


def refuse_unrestricted(config: Config) -> None:
    """At the start in production. A database that is not reachable yet is asked again by ``readyz``."""
    if config.mode is not Mode.PRODUCTION or not config.database_url.startswith("postgresql"):
        return
    engine = sa.create_engine(
        config.database_url, poolclass=sa.NullPool, hide_parameters=True, connect_args={"connect_timeout": 5}
    )
    try:
        with engine.connect() as connection:
            restricted = bool(connection.scalar(_IS_RESTRICTED))
    except sa.exc.OperationalError:
        return
    if not restricted:
        raise ConfigError(
            "SERVICEKONTO_DATABASE_URL names a role that can get round row-level security (superuser, "
            "BYPASSRLS or owner of the tables); name the restricted role"
        )
