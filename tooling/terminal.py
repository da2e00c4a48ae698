"""What people see while the set-up works: numbered steps with elapsed time, and problems in two languages."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

REPORT_EVERY_SECONDS = 20  # where nothing can be overwritten (a log file)


class SetupError(Exception):
    """Something the person at the keyboard can mend. ``details``: output of the program that failed."""

    def __init__(self, german: str, english: str, details: str = "") -> None:
        super().__init__(german)
        self.german, self.english, self.details = german, english, details

    def __str__(self) -> str:
        lines = [_indented("Fehler: ", self.german), _indented("Error:  ", self.english)]
        if self.details:
            lines.append("\n" + self.details.rstrip())
        return "\n".join(lines)


class Steps:
    """Numbers the steps of one command. A step that raises leaves its line unfinished."""

    def __init__(self, total: int) -> None:
        self._total, self._number = total, 0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self._number += 1
        label = f"[{self._number}/{self._total}] {name}"
        started, finished = time.monotonic(), threading.Event()
        print(f"{label} …", end="" if sys.stdout.isatty() else "\n", flush=True)
        ticker = threading.Thread(target=_tick, args=(label, started, finished), daemon=True)
        ticker.start()
        try:
            yield
        except BaseException:
            finished.set()
            ticker.join()
            print(flush=True)
            raise
        finished.set()
        ticker.join()
        _show(f"{label} … fertig ({time.monotonic() - started:.1f} s)", last=True)

    def skip(self, name: str) -> None:
        """What the step makes is there from an earlier run."""
        self._number += 1
        print(f"[{self._number}/{self._total}] {name} … ist da", flush=True)

    def make(self, name: str, action: Callable[[], None], *, unless: bool) -> None:
        if unless:
            self.skip(name)
        else:
            with self.step(name):
                action()


def _tick(label: str, started: float, finished: threading.Event) -> None:
    interval = 1 if sys.stdout.isatty() else REPORT_EVERY_SECONDS
    while not finished.wait(interval):
        _show(f"{label} … {time.monotonic() - started:.0f} s", last=False)


def _show(line: str, *, last: bool) -> None:
    if sys.stdout.isatty():
        print(f"\r{line}\x1b[K", end="\n" if last else "", flush=True)
    else:
        print(line, flush=True)


def table(rows: list[tuple[str, ...]], *, indent: str = "  ") -> str:
    """Left-aligned columns, two spaces between them."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _indented(label: str, text: str) -> str:
    return label + text.replace("\n", "\n" + " " * len(label))
