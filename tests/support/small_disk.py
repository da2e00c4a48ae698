"""A disk that is full: a file system of its own in memory, on which PostgreSQL keeps one database."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql
from sqlalchemy.engine import make_url

from tests.support.databases import DatabaseUrls
from tests.support.postgres import RUN_AS, administration

SIZE = "160m"
_BLOCK = b"\0" * 8192


def may_mount() -> bool:
    """Only root, and not in every container."""
    try:
        with _mounted():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def moved_to_a_full_disk(urls: DatabaseUrls) -> Iterator[None]:
    """Nobody may be connected at the beginning and at the end. Inside, whatever needs another block of a
    table gets SQLSTATE 53100 from the server; its journal is elsewhere and has room.
    """
    name = sql.Identifier(make_url(urls.owner).database or "")
    with _mounted() as folder:
        space = sql.Identifier(f"small_{os.getpid()}")
        _administer(sql.SQL("create tablespace {} location {}").format(space, sql.Literal(str(folder))))
        _administer(sql.SQL("alter database {} set tablespace {}").format(name, space))
        try:
            _fill(folder / "filler")
            yield
        finally:
            (folder / "filler").unlink()
            _disconnect(urls)
            _administer(sql.SQL("alter database {} set tablespace pg_default").format(name))
            _administer(sql.SQL("drop tablespace {}").format(space))


@contextmanager
def _mounted() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="servicekonto-disk-"))
    try:
        quiet = subprocess.DEVNULL
        subprocess.run(
            ["/bin/mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=True, stderr=quiet
        )
        try:
            if RUN_AS is not None:
                os.chown(folder, RUN_AS, RUN_AS)
            yield folder
        finally:
            subprocess.run(["/bin/umount", folder], check=True)
    finally:
        folder.rmdir()


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(_BLOCK)
        except OSError:
            """Full."""


def _disconnect(urls: DatabaseUrls) -> None:
    with administration() as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
            [make_url(urls.owner).database],
        )


def _administer(statement: sql.Composed) -> None:
    with administration() as connection:
        connection.execute(statement)
