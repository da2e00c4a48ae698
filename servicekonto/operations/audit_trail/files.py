"""Checkpoints as files. A file gets its name when it is complete and on the disk."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from servicekonto.audit import checkpoints
from servicekonto.audit.checkpoints import ForgedCheckpointError, Head

_PATTERN = "audit-*.jsonl"


class BadCheckpointError(Exception):
    """The message names file and line."""


def path_in(folder: Path, at: datetime) -> Path:
    return folder / f"audit-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.jsonl"


def newest_in(folder: Path) -> Path | None:
    return max(folder.glob(_PATTERN), default=None)


def write(path: Path, lines: Iterable[str]) -> None:
    unfinished = path.with_name(path.name + ".part")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def heads_in(path: Path) -> Iterator[Head]:
    """Raises BadCheckpointError."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield checkpoints.read(line)
            except ForgedCheckpointError:
                raise BadCheckpointError(f"{path}, line {number}: not ours, or changed since") from None
