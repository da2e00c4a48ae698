"""Databases ready for use: copies of one that was migrated and filled once per test run."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.support.databases import DatabaseUrls, sqlite_urls

Build = Callable[[DatabaseUrls], None]
"""Makes the template. It must leave no connection open."""


def copy_of(template: str, kind: str, build: Build, *, shared: Path, folder: Path) -> DatabaseUrls:
    """``shared``: a folder of the whole test run for the templates of SQLite; ``folder``: for the copy."""
    if kind == "sqlite":
        return _sqlite_copy(shared / template, build, folder)
    from tests.support import postgres  # noqa: PLC0415 - starts the server

    return postgres.create_database_like(f"template_{template}", f"test_{os.urandom(8).hex()}", build)


def _sqlite_copy(template: Path, build: Build, folder: Path) -> DatabaseUrls:
    """The first process of the run to come here makes the template; the others wait for it."""
    template.mkdir(exist_ok=True)
    made = template / "made"
    with (template / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            build(sqlite_urls(template))
            made.touch()
    shutil.copy(_file(template), _file(folder))
    return sqlite_urls(folder)


def _file(folder: Path) -> Path:
    return Path(sqlite_urls(folder).owner.removeprefix("sqlite:///"))
