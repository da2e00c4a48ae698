"""The application as a demonstration runs it: migrated and seeded, granian and a worker as processes."""

import json
import os
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tests.support.certificates import Tls
from tests.support.mail_server import free_port
from tooling import ROOT
from tooling.processes import Service

START_SECONDS = 60
STOP_SECONDS = 20
IDLE_SECONDS = 90
PEOPLE = "people.json"
_PREPARE = (("db", "upgrade"), ("authorities", "import"), ("catalogue", "publish"))


@dataclass(frozen=True)
class Server:
    """``people``: what ``flask seed --json`` writes."""

    base_url: str
    environ: Mapping[str, str]
    folder: Path
    people: dict[str, Any]

    def employee(self, name: str) -> dict[str, Any]:
        """By the part of the address before the @."""
        people: list[dict[str, Any]] = self.people["staff"]
        return next(person for person in people if person["email"] == f"{name}@example.org")

    def flask(self, *arguments: str) -> str:
        return _flask(self.environ, *arguments)

    def wait_until_idle(self) -> None:
        """Until the worker has done all that is due. Raises when it gave something up."""
        deadline = time.monotonic() + IDLE_SECONDS
        while not re.search(r"\b0 queued", counts := self.flask("jobs", "list").splitlines()[-1]):
            assert time.monotonic() < deadline, f"the worker does not finish: {counts}"
            time.sleep(0.5)
        assert re.search(r"\b0 dead", counts), self.flask("jobs", "list", "--dead")


@contextmanager
def running_server(environ: Mapping[str, str], folder: Path, *, tls: Tls | None = None) -> Iterator[Server]:
    """``environ``: the application's variables but for its address. Stopped at the end, whatever happened.

    The database is filled unless ``folder`` says already who is in it.
    """
    port = free_port()
    base_url = f"{'https' if tls else 'http'}://localhost:{port}"
    environ = {**os.environ, **environ, "SERVICEKONTO_BASE_URL": base_url, "PYTHONUNBUFFERED": "1"}
    people = folder / PEOPLE
    if not people.exists():
        fill_database(environ, folder)
    services = [
        Service("web", _web(port, tls), environ=environ, log=folder / "web.log"),
        Service(
            "worker", _python("flask", "--app", "wsgi", "worker"), environ=environ, log=folder / "worker.log"
        ),
    ]
    try:
        trusted = ssl.create_default_context(cafile=tls.authority) if tls else None
        wait_for(lambda: _answers(base_url, trusted), services)
        yield Server(base_url, environ, folder, json.loads(people.read_text(encoding="utf-8")))
    finally:
        stop(services)


def fill_database(environ: Mapping[str, str], folder: Path) -> None:
    """With all that a demonstration has. Who is in it stands in ``folder``."""
    for command in (*_PREPARE, ("seed", "--demo", "--json", str(folder / PEOPLE))):
        _flask({**os.environ, **environ}, *command)


def _web(port: int, tls: Tls | None) -> list[str]:
    options = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "16", "--no-ws"]
    if tls is not None:
        options += ["--ssl-certificate", str(tls.certificate), "--ssl-keyfile", str(tls.key)]
    return [*_python("granian", *options), "--host", "127.0.0.1", "--port", str(port), "wsgi:app"]


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _flask(environ: Mapping[str, str], *arguments: str) -> str:
    command = _python("flask", "--app", "wsgi", *arguments)
    done = subprocess.run(command, cwd=ROOT, env=environ, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"flask {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
    return done.stdout


def wait_for(is_ready: Callable[[], bool], services: list[Service]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        dead = [service for service in services if not service.is_running]
        late = time.monotonic() > deadline
        assert not dead and not late, "\n".join(service.last_lines() for service in services)
        time.sleep(0.1)


def _answers(base_url: str, trusted: ssl.SSLContext | None) -> bool:
    try:
        with urlopen(f"{base_url}/livez", timeout=5, context=trusted) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (URLError, ConnectionError):
        return False


def stop(services: list[Service]) -> None:
    for service in services:
        service.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    while any(service.is_running for service in services) and time.monotonic() < deadline:
        time.sleep(0.05)
    for service in services:
        service.kill()
