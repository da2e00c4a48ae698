"""The mail server is down, hangs, refuses, or breaks off after its yes: every mail arrives
under one Message-ID, and what can never arrive is there to look at.
"""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.worker import Worker
from servicekonto.notifications import smtp
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account
from tests.builders.requests import create_draft, put_birth_certificates_online, submit
from tests.conftest import application
from tests.integration.faults.accounting import make_leases_end
from tests.integration.operations.restoring import flask, inside
from tests.support.databases import DatabaseUrls
from tests.support.mail_server import Received, free_port, mail_server

MAILS = 4


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def app(own_urls: DatabaseUrls, port: int) -> Iterator[Servicekonto]:
    made = application(own_urls, smtp_url=f"smtp://127.0.0.1:{port}")
    with inside(made):
        put_birth_certificates_online()
    yield made
    with made.app_context():
        db.engine.dispose()


def submit_by(app: Servicekonto, *emails: str) -> None:
    with inside(app):
        for email in emails:
            submit(create_draft(create_account(email=email), at=clock.now()), at=clock.now())


def work(app: Servicekonto) -> None:
    """As far as it goes, without the pause after a failure."""
    make_leases_end(app)
    with inside(app):
        Worker(app).run_until_idle()


def jobs(app: Servicekonto) -> Counter[JobStatus]:
    with inside(app), unit_of_work(read_only=True):
        return Counter(db.session.scalars(sa.select(Job.status).where(Job.kind == "send_mail")))


def citizens(number: int = MAILS) -> list[str]:
    return [f"citizen{position}@example.org" for position in range(number)]


def test_mails_wait_for_a_server_that_is_down_and_each_arrives_once(app: Servicekonto, port: int) -> None:
    submit_by(app, *citizens())
    for _ in range(3):
        work(app)
    assert jobs(app) == {JobStatus.QUEUED: MAILS}

    with mail_server(port) as received:
        work(app)
        work(app)

    assert jobs(app) == {JobStatus.DONE: MAILS}
    assert sorted(message["To"] for message in received.messages) == citizens()
    assert "All rules hold" in flask(app, "fsck", "--all")


def test_a_server_that_never_speaks_holds_a_worker_only_for_a_while(
    app: Servicekonto, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT", 0.5)
    submit_by(app, *citizens(1))

    with socket.create_server(("127.0.0.1", port)):
        begun = time.monotonic()
        work(app)
        took = time.monotonic() - begun
    assert jobs(app) == {JobStatus.QUEUED: 1}
    assert took < 30
    with mail_server(port) as received:
        work(app)

    assert len(received.messages) == 1


def test_an_address_refused_for_good_is_a_dead_letter_and_the_others_arrive(
    app: Servicekonto, port: int
) -> None:
    submit_by(app, "refused@example.org", *citizens())

    with mail_server(port) as received:
        work(app)

    assert jobs(app) == {JobStatus.DONE: MAILS, JobStatus.DEAD: 1}
    assert len(received.messages) == MAILS
    listed = flask(app, "jobs", "list", "--dead")
    assert "refused with code 550" in listed
    assert "refused@example.org" not in listed


@contextmanager
def breaks_off_after_the_text(port: int, times: int) -> Iterator[Received]:
    """It has taken the mail and the answer never comes: the first so many times."""
    left = iter(range(times))
    taken = Received.handle_DATA

    async def handle(self: Received, server: Any, session: object, envelope: Any) -> str:
        answer = await taken(self, server, session, envelope)
        if next(left, None) is not None:
            server.transport.abort()
        return answer

    Received.handle_DATA = handle  # type: ignore[method-assign, assignment]
    try:
        with mail_server(port) as received:
            yield received
    finally:
        Received.handle_DATA = taken  # type: ignore[method-assign]


def test_a_mail_whose_receipt_got_lost_comes_again_under_the_same_id(app: Servicekonto, port: int) -> None:
    """Nobody can know better; mail programs and servers drop the second one by its Message-ID."""
    submit_by(app, *citizens(1))

    with breaks_off_after_the_text(port, times=2) as received:
        for _ in range(4):
            work(app)

    assert jobs(app) == {JobStatus.DONE: 1}
    assert len(received.messages) == 3
    assert len({message["Message-ID"] for message in received.messages}) == 1


def test_two_workers_on_one_queue_send_each_mail_once(app: Servicekonto, port: int) -> None:
    submit_by(app, *citizens(12))

    def run() -> None:
        Worker(app).run_until_idle()

    with mail_server(port) as received:
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert Counter(message["To"] for message in received.messages) == dict.fromkeys(citizens(12), 1)
