"""Granian and a worker as processes that can be killed and started again, and their clients."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

from config import PROJECT_ROOT
from servicekonto.accounts.models import Account
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import sign_in
from tests.conftest import test_environment
from tests.support.client import FreshContextClient
from tests.support.databases import DatabaseUrls
from tests.support.mail_server import free_port

PATIENCE = 90.0
WEB, WORKER = "web", "worker"


@dataclass(frozen=True)
class Answer:
    status: int
    location: str | None
    headers: Mapping[str, str]
    body: str
    seconds: float


class Processes:
    """``environ`` of a start lies over that of all."""

    def __init__(self, environ: Mapping[str, str], port: int) -> None:
        self.port = port
        self._environ = {**os.environ, **environ}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, environ: Mapping[str, str] | None = None) -> None:
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", *self._command(name)],
            cwd=PROJECT_ROOT,
            env={**self._environ, **(environ or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _command(self, name: str) -> list[str]:
        app = "tests.support.dying_wsgi"
        if name == WORKER:
            return ["flask", "--app", app, "worker"]
        options = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "8", "--no-ws"]
        return ["granian", *options, "--host", "127.0.0.1", "--port", str(self.port), f"{app}:app"]

    def kill(self, name: str) -> None:
        """The whole group: granian's own children would finish the answers."""
        process = self._running.pop(name)
        with suppress(ProcessLookupError):  # it may have killed itself
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def has_died(self, name: str) -> bool:
        return self._running[name].poll() is not None

    def stop(self) -> None:
        for name in list(self._running):
            self.kill(name)

    def is_up(self) -> bool:
        answer = self.ask("GET", "/livez")
        return answer is not None and answer.status == 200

    def ask(
        self, method: str, path: str, *, cookie: str = "", body: str = "", patience: float = 60
    ) -> Answer | None:
        """None when no answer came."""
        headers = {"Cookie": cookie, "Host": f"localhost:{self.port}", "Accept": "text/html"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        begun = time.monotonic()
        try:
            connection.request(method, path, body=body or None, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return Answer(
                answer.status,
                answer.getheader("Location"),
                {name.title(): value for name, value in answer.getheaders()},
                text,
                time.monotonic() - begun,
            )
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


@dataclass
class Person:
    """Somebody who has a form open, and what they were told when they sent it."""

    cookie: str
    csrf: str
    form: str
    fields: dict[str, str] = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(uuid4()))
    told: list[Answer | None] = field(default_factory=list)

    def send(self, processes: Processes) -> Answer | None:
        body = urlencode({"csrf_token": self.csrf, "idempotency_key": self.key} | self.fields)
        self.told.append(processes.ask("POST", self.form, cookie=self.cookie, body=body))
        return self.told[-1]

    def what_became_of_it(self, processes: Processes) -> Answer | None:
        return processes.ask("GET", f"/vorgang/{self.key}", cookie=self.cookie)

    @property
    def is_acknowledged(self) -> bool:
        return any(answer is not None and answer.status == 303 for answer in self.told)


def at_a_form(app: Servicekonto, account: Account, page: str, form: str) -> Person:
    """Signed in, with the page open that has the form."""
    client = FreshContextClient(app, app.response_class)
    token = sign_in(client, account)
    text = client.get(page).text
    start = text.index('name="csrf_token" value="') + len('name="csrf_token" value="')
    cookie = client.get_cookie("servicekonto-form", domain="localhost")
    assert cookie is not None
    return Person(
        f"servicekonto={token}; servicekonto-form={cookie.value}", text[start : text.index('"', start)], form
    )


def all_send(processes: Processes, people: list[Person]) -> list[threading.Thread]:
    threads = [threading.Thread(target=person.send, args=(processes,)) for person in people]
    for thread in threads:
        thread.start()
    return threads


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE, *, every: float = 0.1) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every)


def comes_true(condition: Callable[[], bool], seconds: float, *, every: float = 0.03) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(every)
    return condition()


@contextmanager
def processes_for(urls: DatabaseUrls, smtp_port: int | None = None) -> Iterator[Processes]:
    """Not started yet."""
    port = free_port()
    environ = test_environment(urls) | {"SERVICEKONTO_BASE_URL": f"http://localhost:{port}"}
    if smtp_port is not None:
        environ["SERVICEKONTO_SMTP_URL"] = f"smtp://127.0.0.1:{smtp_port}"
    found = Processes(environ, port)
    try:
        yield found
    finally:
        found.stop()
