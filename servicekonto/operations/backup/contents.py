"""What is in a backup, checked while it is read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from config import Config
from servicekonto.operations.backup.container import BackupError, read_lines
from servicekonto.operations.backup.rows import ROWS_AT_ONCE, Digest, TableRows, all_tables

Row = dict[str, Any]


@dataclass
class Contents:
    """``batches`` gives the rows, a few hundred at a time; afterwards ``digests`` tells of every table."""

    file: BinaryIO
    config: Config
    digests: dict[str, Digest] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(digest.rows for digest in self.digests.values())

    def batches(self) -> Iterator[tuple[TableRows, list[Row]]]:
        """BackupError as soon as something is not as it was written, or tables are missing at the end."""
        tables = all_tables()
        lines = read_lines(self.file, self.config)
        for line in lines:
            table = _expected(tables, json.loads(line))
            yield from self._rows_of(table, lines)
        if missing := tables.keys() - self.digests.keys():
            raise BackupError(f"the backup lacks tables: {', '.join(sorted(missing))}")

    def _rows_of(self, table: TableRows, lines: Iterator[bytes]) -> Iterator[tuple[TableRows, list[Row]]]:
        digest = self.digests[table.name] = Digest()
        rows: list[Row] = []
        for line in lines:
            if not line.startswith(b"["):
                yield table, rows
                _compare(table.name, digest, json.loads(line))
                return
            digest.add(line)
            rows.append(table.decode(json.loads(line)))
            if len(rows) == ROWS_AT_ONCE:
                yield table, rows
                rows = []
        raise BackupError(f"the rows of {table.name} end in the middle")


def _expected(tables: dict[str, TableRows], heading: dict[str, Any]) -> TableRows:
    table = tables.get(heading.get("table", ""))
    if table is None or heading["columns"] != table.columns:
        raise BackupError(f"this code has no such table: {heading}")
    return table


def _compare(name: str, digest: Digest, trailer: dict[str, Any]) -> None:
    if (digest.rows, digest.sha256) != (trailer["rows"], trailer["sha256"]):
        raise BackupError(f"the rows of {name} are not those that were written")
