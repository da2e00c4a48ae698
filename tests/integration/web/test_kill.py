"""kill -9 of the web server and of the worker in the middle of submissions: nothing acknowledged is lost,
nothing is there twice, each mail arrives, and whoever got no answer can ask what became of it."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from config import PROJECT_ROOT
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.service_requests.models import EventKind, RequestDocument, RequestEvent, ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_draft, put_birth_certificates_online
from tests.conftest import test_environment
from tests.support.client import FreshContextClient
from tests.support.databases import DatabaseUrls
from tests.support.mail_server import free_port, mail_server

PEOPLE = 24
DONE_WITHIN = 45.0
START = [sys.executable, "-m"]


class Server:
    """Granian as in a demonstration, and one worker. Each can be killed and started again."""

    def __init__(self, environ: dict[str, str], port: int) -> None:
        self.port = port
        self._environ = {**os.environ, **environ}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._commands = {
            "web": [
                *("granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "8", "--no-ws"),
                *("--host", "127.0.0.1", "--port", str(port), "wsgi:app"),
            ],
            "worker": ["flask", "--app", "wsgi", "worker"],
        }

    def start(self, name: str) -> None:
        self._processes[name] = subprocess.Popen(
            [*START, *self._commands[name]],
            cwd=PROJECT_ROOT,
            env=self._environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self, name: str) -> None:
        """The whole group: granian's own children would finish the answers."""
        os.killpg(self._processes[name].pid, signal.SIGKILL)
        self._processes[name].wait()

    def stop(self) -> None:
        for name in self._processes:
            self.kill(name)

    def is_up(self) -> bool:
        return self.ask("GET", "/livez", cookie="") == (200, None)

    def ask(self, method: str, path: str, *, cookie: str, body: str = "") -> tuple[int, str | None] | None:
        """Status and location; None when no answer came."""
        headers = {"Cookie": cookie, "Host": f"localhost:{self.port}"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body=body or None, headers=headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("Location")
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


class Person:
    """Somebody with a complete draft, signed in, and the page with the form open."""

    def __init__(self, app: Servicekonto) -> None:
        account = create_account()
        self.draft_id: UUID = create_draft(account, at=clock.now()).id
        self.key = str(uuid4())
        self.client = FreshContextClient(app, app.response_class)
        token = sign_in(self.client, account)
        page = self.client.get(f"/antraege/{self.draft_id}/pruefen")
        start = page.text.index('name="csrf_token" value="') + len('name="csrf_token" value="')
        self.csrf = page.text[start : page.text.index('"', start)]
        form_cookie = self.client.get_cookie("servicekonto-form", domain="localhost")
        assert form_cookie is not None
        self.cookie = f"servicekonto={token}; servicekonto-form={form_cookie.value}"
        self.first_answer: tuple[int, str | None] | None = None

    def submit(self, server: Server) -> tuple[int, str | None] | None:
        body = urlencode({"csrf_token": self.csrf, "idempotency_key": self.key})
        return server.ask("POST", f"/antraege/{self.draft_id}/einreichen", cookie=self.cookie, body=body)

    def what_became_of_it(self, server: Server) -> tuple[int, str | None] | None:
        return server.ask("GET", f"/vorgang/{self.key}", cookie=self.cookie)


def wait_until(condition: Callable[[], bool], seconds: float = DONE_WITHIN) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


@contextmanager
def running(own_urls: DatabaseUrls, smtp_port: int) -> Iterator[Server]:
    port = free_port()
    environ = test_environment(own_urls) | {
        "SERVICEKONTO_BASE_URL": f"http://localhost:{port}",
        "SERVICEKONTO_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
    }
    server = Server(environ, port)
    try:
        server.start("web")
        server.start("worker")
        wait_until(server.is_up)
        yield server
    finally:
        server.stop()


@contextmanager
def looking_in(app: Servicekonto) -> Iterator[None]:
    with app.app_context(), scoped(SYSTEM), unit_of_work(read_only=True):
        yield


def send_and_kill(server: Server, people: list[Person]) -> None:
    """All send; after the first few answers both processes die, then they are started again."""
    answered = threading.Semaphore(0)

    def send(person: Person) -> None:
        person.first_answer = person.submit(server)
        answered.release()

    threads = [threading.Thread(target=send, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for _ in range(4):
        answered.acquire(timeout=20)
    server.kill("web")
    server.kill("worker")
    for thread in threads:
        thread.join()
    server.start("web")
    server.start("worker")
    wait_until(server.is_up)


@pytest.mark.slow
def test_killed_in_the_middle_nothing_is_lost_and_nothing_doubled(
    committed_app: Servicekonto, own_urls: DatabaseUrls
) -> None:
    app, smtp_port = committed_app, free_port()
    with app.app_context(), scoped(SYSTEM):
        put_birth_certificates_online()
        people = [Person(app) for _ in range(PEOPLE)]

    with mail_server(smtp_port) as received, running(own_urls, smtp_port) as server:
        send_and_kill(server, people)
        acknowledged = [person for person in people if person.first_answer is not None]
        unanswered = [person for person in people if person.first_answer is None]
        assert {person.first_answer and person.first_answer[0] for person in acknowledged} <= {303}

        with looking_in(app):
            stored = set(db.session.scalars(_sent(ServiceRequest.id)))
        known = {person.draft_id: person.what_became_of_it(server) for person in people}
        assert {person.draft_id for person in acknowledged} <= stored
        assert all((known[person.draft_id] or (0,))[0] in {303, 404} for person in people)
        assert {draft_id for draft_id, answer in known.items() if answer and answer[0] == 303} == stored

        for person in unanswered:
            assert person.submit(server) == (303, f"/antraege/{person.draft_id}/eingang")
        _make_leases_end(app)
        wait_until(lambda: _everything_is_done(app))
        mails = [message for message in received.messages if "Antrag" in message["Subject"]]

    assert acknowledged and unanswered, "the kill came too early or too late to tell anything"
    with looking_in(app):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ServiceRequest)) == PEOPLE
        assert len(set(db.session.scalars(_sent(ServiceRequest.reference)))) == PEOPLE
        submitted = sa.select(RequestEvent.service_request_id).where(RequestEvent.kind == EventKind.SUBMITTED)
        assert len(db.session.scalars(submitted).all()) == PEOPLE
        assert db.session.scalar(sa.select(sa.func.count()).select_from(RequestDocument)) == PEOPLE
    # A mail may be sent again when the worker dies between sending and saying so; it has the same id then.
    assert len({message["Message-ID"] for message in mails}) == PEOPLE
    assert len({message["To"] for message in mails}) == PEOPLE
    assert len(mails) <= PEOPLE + 1


def _sent(column: sa.orm.InstrumentedAttribute[object]) -> sa.Select[object]:
    return sa.select(column).where(ServiceRequest.status != Status.DRAFT)


def _make_leases_end(app: Servicekonto) -> None:
    """Instead of waiting minutes for those of the dead worker."""
    with app.app_context(), scoped(SYSTEM), unit_of_work():
        held = sa.update(Job).where(Job.lease_until.is_not(None), Job.attempts == 1)
        db.session.execute(held.values(lease_until=clock.now()))


def _everything_is_done(app: Servicekonto) -> bool:
    with looking_in(app):
        kinds = Job.kind.in_(["make_receipt", "send_mail"])
        waiting = sa.select(sa.func.count()).where(kinds, Job.status != JobStatus.DONE)
        return not db.session.scalar(waiting)
