"""Putting a backup back into an empty database: all of it or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from config import Config
from servicekonto.core.scope import SYSTEM, apply_scope, scoped
from servicekonto.core.settings import settings
from servicekonto.operations.backup.container import BackupError, Header, read_header
from servicekonto.operations.backup.contents import Contents
from servicekonto.operations.backup.rows import Digest, all_tables
from servicekonto.operations.progress import Start
from servicekonto.operations.snapshot import migration_of


def header_of(path: Path) -> Header:
    with path.open("rb") as file:
        return read_header(file)[0]


def verify(path: Path, *, start: Start) -> int:
    """Read the whole file and touch no database. Returns the number of rows."""
    with path.open("rb") as file:
        contents, progress = Contents(file, settings()), start(header_of(path).rows)
        for _table, rows in contents.batches():
            progress(len(rows))
    return contents.rows


def restore(path: Path, *, start: Start) -> int:
    """Returns the number of rows. BackupError: nothing was changed."""
    header = header_of(path)
    with path.open("rb") as file, _owner_transaction(settings()) as connection:
        _check_target(connection, header)
        contents, progress = Contents(file, settings()), start(2 * header.rows)
        with _foreign_keys_at_the_end(connection):
            for table, rows in contents.batches():
                if rows:
                    connection.execute(sa.insert(table.insertable()), rows)
                progress(len(rows))
        for table in all_tables().values():
            _check_stored(table.name, contents.digests[table.name], table.read(connection))
            progress(contents.digests[table.name].rows)
    return contents.rows


def _check_target(connection: sa.Connection, header: Header) -> None:
    migration = migration_of(connection)
    if migration is None:
        raise BackupError("the database has no tables yet: flask --app wsgi db upgrade")
    if migration != header.migration:
        raise BackupError(
            f"the backup was made at migration {header.migration}, the database is at {migration}: "
            "restore with the code of that time, then upgrade"
        )
    full = [table.name for table in all_tables().values() if table.count(connection)]
    if full:
        raise BackupError(f"the database is not empty: {', '.join(full)}")


def _check_stored(name: str, written: Digest, lines: Iterator[bytes]) -> None:
    stored = Digest()
    for line in lines:
        stored.add(line)
    if (stored.rows, stored.sha256) != (written.rows, written.sha256):
        raise BackupError(f"{name} does not read back as it was written")


@contextmanager
def _owner_transaction(config: Config) -> Iterator[sa.Connection]:
    """As the owner of the tables, without time limits: the application may not alter constraints."""
    engine = sa.create_engine(config.migration_database_url, poolclass=sa.NullPool, hide_parameters=True)
    try:
        with scoped(SYSTEM), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                apply_scope(connection)
            yield connection
    except sa.exc.DBAPIError as error:
        reason = type(error.orig).__name__
        raise BackupError(f"the database refused it ({reason}); nothing was changed") from error
    finally:
        engine.dispose()


@contextmanager
def _foreign_keys_at_the_end(connection: sa.Connection) -> Iterator[None]:
    """Rows may come before those they point to; at the end every reference must be right."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # until the commit, which checks them
        yield
        return
    constraints = connection.execute(_CONSTRAINTS).all()
    for table, name in constraints:
        connection.exec_driver_sql(
            f'alter table {table} alter constraint "{name}" deferrable initially deferred'
        )
    yield
    connection.exec_driver_sql("set constraints all immediate")
    for table, name in constraints:
        connection.exec_driver_sql(f'alter table {table} alter constraint "{name}" not deferrable')


_CONSTRAINTS = sa.text(
    "select conrelid::regclass::text, conname from pg_constraint"
    " where contype = 'f' and not condeferrable and connamespace = current_schema()::regnamespace"
)
