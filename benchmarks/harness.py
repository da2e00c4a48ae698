"""The application as in production, a database with fsync, and figures as ratios measured in one run.

``CPU`` is the time that all processes of one web server spend for a request: it hardly changes when other
programs use the machine at the same time, and it is what limits how many people can be served. Rounds of the
things to compare take turns, so that a slow minute meets all of them; what is printed is the median of rounds
with the spread between the first and the third quarter.
"""

import http.client
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from config import PROJECT_ROOT
from tests.conftest import a_key
from tests.support import postgres
from tests.support.databases import DatabaseUrls
from tests.support.mail_server import free_port

START_SECONDS = 60
_DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
}
_PREPARE = (["db", "upgrade"], ["authorities", "import"], ["catalogue", "publish"], ["seed", "--demo"])


@contextmanager
def database_server(folder: str | None) -> Iterator[None]:
    """PostgreSQL out of the wheel, but durable. ``folder``: of the socket of one that runs already."""
    postgres._SETTINGS |= _DURABLE
    if folder is not None:
        os.environ[postgres._VARIABLE] = folder
    postgres.server_folder()
    yield


def database(size: int) -> dict[str, str]:
    """Environment of an application whose demonstration has so many more requests. Kept for the next run."""
    name = f"bench_{size}"
    urls = DatabaseUrls(
        owner=postgres.url(postgres.OWNER, name), application=postgres.url(postgres.APP, name)
    )
    if not _exists(name):
        urls = postgres.create_database(name)
    environ = environment(urls)
    for command in _PREPARE:
        flask(environ, *command)
    if not size:
        flask(environ, "seed", "--demo", "--reset")  # a run before this one has left its requests
    else:
        print(f"{size} requests …", file=sys.stderr, flush=True)
        flask(environ, "seed", "--demo", "--volume", str(size))
    return environ


def _exists(name: str) -> bool:
    with postgres.administration() as connection:
        return (
            connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None
        )


def environment(urls: DatabaseUrls) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "SERVICEKONTO_MODE": "demo",
        "SERVICEKONTO_BASE_URL": "http://localhost",
        "SERVICEKONTO_DATABASE_URL": urls.application,
        "SERVICEKONTO_MIGRATION_DATABASE_URL": urls.owner,
        "SERVICEKONTO_MASTER_KEY": os.environ.get("SERVICEKONTO_MASTER_KEY") or f"test:{a_key('master')}",
        "SERVICEKONTO_SECRET_KEY": os.environ.get("SERVICEKONTO_SECRET_KEY") or a_key("secret"),
    }


def flask(environ: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    done = subprocess.run(
        command, env=dict(environ), cwd=PROJECT_ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


@dataclass
class Server:
    """granian with two processes; ``port`` on this machine. ``come_from``: the addresses that requests claim
    to come from, for an application behind a proxy.
    """

    port: int
    process: "subprocess.Popen[bytes]"
    cookies: dict[str, str] = field(default_factory=dict)
    come_from: Iterator[str] | None = None

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str, *, status: int = 200) -> bytes:
        return self.request("GET", path, status=status)

    def post(self, path: str, fields: Mapping[str, str], *, status: int = 303) -> bytes:
        return self.request("POST", path, fields=fields, status=status)

    def request(
        self, method: str, path: str, *, status: int, fields: Mapping[str, str] | None = None
    ) -> bytes:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if self.come_from is not None:
            headers["X-Forwarded-For"] = next(self.come_from)
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
        answer = self._connection.getresponse()
        body = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        self.location = answer.headers.get("Location", "")
        if answer.status != status:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return body

    def processes(self) -> list[int]:
        """Of the workers, without the supervisor."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children]

    def cpu(self) -> float:
        """Seconds that the workers have spent so far."""
        return sum(cpu_seconds(pid) for pid in self.processes())

    def memory(self) -> list[float]:
        """Resident megabytes of each worker."""
        return [_resident(pid) / 1e6 for pid in self.processes()]


@contextmanager
def serving(app: str, environ: Mapping[str, str]) -> Iterator[Server]:
    """As deploy/systemd/servicekonto-web.service starts it."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2"]
    command += ["--blocking-threads", "16", "--backlog", "1024", "--no-ws"]
    command += ["--host", "127.0.0.1", "--port", str(port), app]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, env=dict(environ), cwd=PROJECT_ROOT, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        server = Server(port, process)
        wait_for(server)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # nothing is in hand, and it may not have started wholly
        process.wait()


def wait_for(server: Server, path: str = "/") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.get(path)
        except (OSError, http.client.HTTPException):
            if time.monotonic() > deadline:
                raise
            server.__post_init__()
            time.sleep(0.01)
        else:
            return


Measure = Callable[[], float]


def cpu_of(server: Server, act: Callable[[], object], *, times: int = 40) -> Measure:
    """Milliseconds of CPU for one act."""

    def measure() -> float:
        before = server.cpu()
        for _ in range(times):
            act()
        return (server.cpu() - before) / times * 1000

    return measure


def latency_of(act: Callable[[], object], *, times: int = 20) -> Measure:
    """Median of milliseconds until the answer, one at a time."""

    def measure() -> float:
        found = []
        for _ in range(times):
            started = time.perf_counter()
            act()
            found.append((time.perf_counter() - started) * 1000)
        return statistics.median(found)

    return measure


@dataclass(frozen=True)
class Figure:
    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:8.2f} ({self.low:.2f} to {self.high:.2f})"


def take_turns(measures: Mapping[str, Measure], *, rounds: int) -> dict[str, Figure]:
    """One round of each, again and again; the first round only warms up."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds + 1):
        for name, measure in measures.items():
            value = measure()
            if number:
                found[name].append(value)
    return {name: _figure(values) for name, values in found.items()}


def report(title: str, figures: Mapping[str, Figure], *, unit: str, base: str, goal: float | None) -> None:
    print(f"\n{title}, {unit}: median (quarter to three quarters), ratio to {base}")
    for name, figure in figures.items():
        ratio = figure.median / figures[base].median
        verdict = (
            "" if goal is None or name == base else ("  goal met" if ratio <= goal else f"  GOAL {goal}")
        )
        print(f"  {name:34} {figure}  {ratio:6.2f} ×{verdict}", flush=True)


def _figure(values: list[float]) -> Figure:
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return Figure(statistics.median(values), low, high)


def cpu_seconds(pid: int) -> float:
    """That a process has spent so far, in steps of ten milliseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
