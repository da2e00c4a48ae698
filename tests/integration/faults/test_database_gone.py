"""PostgreSQL crashes, is cut off, and hangs, while people submit. The application is never restarted."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from servicekonto.core.db import db
from servicekonto.web.application import Servicekonto
from tests.conftest import application, migrate_and_fill
from tests.integration.faults.accounting import (
    assert_books_balance,
    assert_each_mail_once,
    assert_everybody_can_find_out,
    is_done_without_waiting,
    prepare,
)
from tests.support.browser import html_validate
from tests.support.cable import Cable, cable
from tests.support.databases import DatabaseUrls
from tests.support.mail_server import free_port, mail_server
from tests.support.postgres import OwnServer
from tests.support.processes import WEB, WORKER, Answer, Person, Processes, processes_for, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.only("postgresql")]

CUT_SECONDS = 60.0
SOON = 15.0  # seconds: a page with an answer of some kind, on a busy machine
PEOPLE = 30


class Crowd:
    """Sends one form after the other, whatever the answer, until it is told to stop."""

    def __init__(self, processes: Processes, people: list[Person]) -> None:
        self._processes, self._waiting = processes, list(people)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(3)]
        self.refusals: list[Answer] = []
        self.sent = 0

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        while self._waiting and not self._stop.is_set():
            person = self._waiting.pop(0)
            answer = person.send(self._processes)
            self.sent += 1
            if answer is not None and answer.status != 303:
                self.refusals.append(answer)
                self._waiting.append(person)
                self._stop.wait(0.3)

    def wait_for(self, more: int) -> None:
        goal = self.sent + more
        wait_until(lambda: self.sent >= goal or not self._waiting)


@dataclass(frozen=True)
class Town:
    """A database on a server of its own, at the other end of a cable; ``app`` has another way to it."""

    server: OwnServer
    line: Cable
    app: Servicekonto
    urls: DatabaseUrls

    @contextmanager
    def busy(self) -> Iterator[tuple[Processes, Crowd]]:
        """Web, worker and a crowd. At the end everybody has what they came for, and the books balance."""
        people = prepare(self.app, drafts=PEOPLE, questions=PEOPLE // 3)
        smtp_port = free_port()
        with mail_server(smtp_port) as received, processes_for(self.urls, smtp_port) as processes:
            processes.start(WEB)
            processes.start(WORKER)
            wait_until(processes.is_up)
            with Crowd(processes, people) as crowd:
                crowd.wait_for(6)
                yield processes, crowd
                wait_until(lambda: status(processes, "/readyz") == 200)
                crowd.wait_for(PEOPLE)
            assert_everybody_can_find_out(processes, people)
            wait_until(lambda: is_done_without_waiting(self.app))
            assert not processes.has_died(WEB) and not processes.has_died(WORKER)
        assert_books_balance(self.app, people)
        assert_each_mail_once(received, expected=PEOPLE, again=1)


@pytest.fixture(scope="module")
def town(database_kind: str) -> Iterator[Town]:
    server = OwnServer()
    server.create_database("town")
    migrate_and_fill(server.urls("town"))
    with cable(server.folder / ".s.PGSQL.5432") as line:
        app = application(server.urls("town"))
        yield Town(server, line, app, server.urls("town", port=line.port))
        with app.app_context():
            db.engine.dispose()
    server.stop()


def status(processes: Processes, path: str) -> int | None:
    answer = processes.ask("GET", path)
    return answer.status if answer else None


def assert_pages_say_so_soon(processes: Processes) -> None:
    """In the language of the reader, and without asking the database for it."""
    for language, words in (("de", "Wir sind gerade nicht erreichbar"), ("en", "We cannot be reached")):
        page = processes.ask("GET", "/leistungen", cookie=f"servicekonto-language={language}")
        assert page is not None
        assert (page.status, page.headers["Retry-After"]) == (503, "30")
        assert words in page.body
        assert page.seconds < SOON
        assert html_validate({language: page.body}) == []
    assert status(processes, "/livez") == 200
    assert status(processes, "/readyz") == 503


def assert_refused_honestly(crowd: Crowd) -> None:
    """Nobody got anything else than a page that says what happened, and how to find out."""
    assert crowd.refusals
    assert {answer.status for answer in crowd.refusals} == {503}
    assert all("/vorgang/" in answer.body for answer in crowd.refusals)


def test_a_crash_of_the_database_loses_nothing_acknowledged(town: Town) -> None:
    with town.busy() as (processes, crowd):
        town.server.crash()
        crowd.wait_for(3)
        assert_pages_say_so_soon(processes)
        assert_refused_honestly(crowd)
        town.server.start()


def test_a_cut_line_is_told_at_once_and_mends_itself(town: Town) -> None:
    with town.busy() as (processes, crowd):
        town.line.cut()
        begun = time.monotonic()
        assert_pages_say_so_soon(processes)
        crowd.wait_for(3)
        assert_refused_honestly(crowd)
        time.sleep(max(0.0, CUT_SECONDS - (time.monotonic() - begun)))  # the length of the cut
        town.line.repair()


def test_a_silent_line_does_not_hold_pages_for_long(town: Town) -> None:
    with town.busy() as (processes, crowd):
        town.line.go_dead()
        wait_until(lambda: status(processes, "/readyz") == 503)
        assert_pages_say_so_soon(processes)
        crowd.wait_for(3)
        assert_refused_honestly(crowd)
        town.line.repair()
