"""Runs web server and worker side by side and ends both, whatever happens to the one who started them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from tooling import ROOT
from tooling.terminal import SetupError

STOP_SECONDS = 20  # a worker finishes its job before it goes
_POLL_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1
_LAST_LINES = 20
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Service:
    """A program with a log file, in a process group of its own: Ctrl-C reaches only the supervisor."""

    def __init__(self, name: str, command: Sequence[str], *, environ: dict[str, str], log: Path) -> None:
        self.name, self.log = name, log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 (start() says: no threads)
            )

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def ask_to_stop(self) -> None:
        if self.is_running:
            self._process.terminate()

    def kill(self) -> None:
        """Everything in its process group, including what an already dead leader has left behind."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def last_lines(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LAST_LINES:])


class Supervisor:
    """Watches services until one dies or a signal comes. The second signal ends everything at once."""

    def __init__(self) -> None:
        self._services: list[Service] = []
        self._signals = 0
        self._handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "Supervisor":
        for number in _SIGNALS:
            self._handlers[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def start(self, name: str, command: Sequence[str], *, environ: dict[str, str], log: Path) -> None:
        """Only while no other thread runs: it forks."""
        self._services.append(Service(name, command, environ=environ, log=log))

    @property
    def is_stopping(self) -> bool:
        return self._signals > 0

    def wait_for(self, is_ready: Callable[[], bool], *, seconds: float) -> bool:
        """True once it is, False when a signal came first. Raises SetupError when it takes too long."""
        deadline = time.monotonic() + seconds
        while not self.is_stopping:
            self._check()
            if is_ready():
                return True
            if time.monotonic() > deadline:
                raise SetupError(
                    f"Die Anwendung antwortet nach {seconds:.0f} Sekunden noch nicht.",
                    f"The application does not answer after {seconds:.0f} seconds.",
                    "\n".join(service.last_lines() for service in self._services),
                )
            time.sleep(_POLL_SECONDS)
        return False

    def watch(self) -> None:
        """Returns after a signal. Raises SetupError when a service ends by itself."""
        while not self.is_stopping:
            self._check()
            time.sleep(_POLL_SECONDS)

    def _check(self) -> None:
        for service in self._services:
            if not service.is_running and not self.is_stopping:
                raise SetupError(
                    f"{service.name} ist unerwartet beendet (Code {service.exit_code}).\n"
                    f"Alles wird angehalten. Protokoll: {service.log}",
                    f"{service.name} ended unexpectedly (code {service.exit_code}); stopping the rest.",
                    service.last_lines(),
                )

    def _stop(self) -> None:
        for service in self._services:
            service.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        while any(service.is_running for service in self._services):
            if self._signals > 1 or time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS)
        for service in self._services:
            service.kill()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1


def _die_with(parent: int) -> Callable[[], None] | None:
    """On Linux the kernel ends the child when its parent is gone, even after kill -9."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_the_kernel
