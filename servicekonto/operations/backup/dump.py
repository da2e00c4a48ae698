"""Writing a backup. The application may go on meanwhile: the backup shows one moment."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa

from servicekonto.core.settings import settings
from servicekonto.operations.backup.container import BackupError, Writer, new_header
from servicekonto.operations.backup.rows import Digest, TableRows, all_tables
from servicekonto.operations.health import expected_head
from servicekonto.operations.progress import Progress, Start
from servicekonto.operations.snapshot import migration_of, snapshot


def dump(path: Path, *, at: datetime, start: Start) -> int:
    """Returns the number of rows. The file gets its name when it is complete and on the disk."""
    if path.exists():
        raise BackupError(f"{path} exists already")
    unfinished = path.with_name(path.name + ".part")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            rows = _write(file, at=at, start=start)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return rows


def _write(file: BinaryIO, *, at: datetime, start: Start) -> int:
    with snapshot() as connection:
        migration = migration_of(connection)
        if migration is None or migration != expected_head():
            raise BackupError("the database is not migrated to this code: flask --app wsgi db upgrade")
        tables = all_tables().values()
        total = sum(table.count(connection) for table in tables)
        header = new_header(settings(), migration=migration, created_at=at.isoformat(), rows=total)
        writer, progress = Writer(file, header, settings()), start(total)
        for table in tables:
            _write_table(table, connection, writer, progress)
        writer.close()
    return total


def _write_table(table: TableRows, connection: sa.Connection, writer: Writer, progress: Progress) -> None:
    _line(writer, {"table": table.name, "columns": table.columns})
    digest = Digest()
    for line in table.read(connection):
        writer.write(line + b"\n")
        digest.add(line)
        progress(1)
    _line(writer, {"rows": digest.rows, "sha256": digest.sha256})


def _line(writer: Writer, value: dict[str, object]) -> None:
    writer.write(json.dumps(value).encode() + b"\n")


def _sync_folder(folder: Path) -> None:
    """Otherwise the name may be gone after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
