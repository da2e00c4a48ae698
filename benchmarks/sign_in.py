"""Signing in with a password next to the bare Argon2id verification; what the time of a refusal tells; and
the memory of 200 at once.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count, cycle

from flask import Flask

from benchmarks.harness import Measure, Server, cpu_of, database, latency_of, report, serving, take_turns
from benchmarks.visitors import hidden
from config import Config
from servicekonto import create_app
from servicekonto.accounts import commands, queries, sessions
from servicekonto.accounts.current import DEVICE_COOKIE
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.operations.demo import people
from servicekonto.operations.demo.seed import FURTHER_CITIZENS

GOAL = 1.15
MOST_DIFFERENCE = 1.10
ROUNDS = 9
TIMES = 20
AT_ONCE = 200
WRONG = "ganz falsches passwort hier"
LOCKED = 6


def run() -> None:
    environ = {**database(0), "SERVICEKONTO_TRUSTED_PROXIES": "1"}
    emails = [citizen.email for citizen in people.further_citizens(FURTHER_CITIZENS)]
    locked, known = emails[:LOCKED], emails[LOCKED:]
    app = create_app(Config.from_environment(environ))
    _lock(app, locked)
    with serving("benchmarks.hello:app", environ) as hello, serving("wsgi:app", environ) as site:
        visit = Visit(site)
        right = cycle(known)
        figures = take_turns(
            {
                "Argon2id alone": cpu_of(hello, lambda: hello.get("/verify"), times=TIMES),
                "sign-in": _signed_out(app, cpu_of(site, lambda: visit.sign_in(next(right)), times=TIMES)),
                "sign-in, new browser": _signed_out(
                    app, cpu_of(site, lambda: visit.sign_in_anew(next(right)), times=TIMES)
                ),
            },
            rounds=ROUNDS,
        )
        report("Signing in", figures, unit="ms of CPU", base="Argon2id alone", goal=GOAL)
        print(f"  {1000 / figures['sign-in'].median:.0f} sign-ins per second and core")
        groups = {"unknown": _unknown(), "known": cycle(known), "locked": cycle(locked)}
        refused = {
            name: latency_of(lambda them=them: visit.be_refused(next(them)), times=TIMES)  # type: ignore[misc]
            for name, them in groups.items()
        }
        figures = take_turns(refused, rounds=ROUNDS)
        report("A wrong password", figures, unit="ms", base="unknown", goal=MOST_DIFFERENCE)
        _all_at_once(site, known)


class Visit:
    """One form, sent again and again from ever new addresses: throttles are not what is measured."""

    def __init__(self, site: Server) -> None:
        site.come_from = _addresses()
        self._site = site
        self._fields = hidden(site.get("/anmelden"), "/anmelden")
        self._cookies = dict(site.cookies)
        self._known_as: dict[str, str] = {}

    def sign_in(self, email: str) -> None:
        """In the browser that this person used before."""
        known_as = {DEVICE_COOKIE: self._known_as[email]} if email in self._known_as else {}
        self._post(email, people.CITIZEN_PASSWORD, status=303, cookies=known_as)
        self._known_as[email] = self._site.cookies[DEVICE_COOKIE]

    def sign_in_anew(self, email: str) -> None:
        """The owner gets a mail about it."""
        self._post(email, people.CITIZEN_PASSWORD, status=303)

    def be_refused(self, email: str) -> None:
        self._post(email, WRONG, status=422)

    def _post(
        self, email: str, password: str, *, status: int, cookies: Mapping[str, str] | None = None
    ) -> None:
        self._site.cookies = {**self._cookies, **(cookies or {})}
        self._site.post("/anmelden", {**self._fields, "email": email, "password": password}, status=status)


def _all_at_once(site: Server, emails: list[str]) -> None:
    before = max(site.memory())
    with _highest_memory(site) as highest, ThreadPoolExecutor(AT_ONCE) as pool:
        started = time.perf_counter()
        answers = Counter(pool.map(lambda number: _one(site.port, emails, number), range(AT_ONCE)))
        seconds = time.perf_counter() - started
    told = ", ".join(f"{number} × {answer}" for answer, number in sorted(answers.items()))
    print(f"\n{AT_ONCE} at once: {told} in {seconds:.1f} s")
    print(f"  memory of a web process: {before:.0f} MB before, {max(highest):.0f} MB at most", flush=True)


def _one(port: int, emails: list[str], number: int) -> str:
    client = Server(port, process=None, come_from=iter([f"198.51.{number}.{part}" for part in range(2)]))  # type: ignore[arg-type]
    fields = hidden(client.get("/anmelden"), "/anmelden")
    fields |= {"email": emails[number % len(emails)], "password": people.CITIZEN_PASSWORD}
    try:
        client.post("/anmelden", fields)
    except RuntimeError as error:
        return str(error).rpartition(" ")[2]
    return "303"


@contextmanager
def _highest_memory(site: Server) -> Iterator[list[float]]:
    highest, is_over = [0.0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.02):
            highest.append(max(site.memory()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield highest
    is_over.set()
    watcher.join()


def _addresses() -> Iterator[str]:
    for number in count():
        yield f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _unknown() -> Iterator[str]:
    for number in count():
        yield f"niemand{number}@example.org"


def _signed_out(app: Flask, measure: Measure) -> Measure:
    """Nobody has ten sessions open: to end the oldest of them is not what is measured."""

    def measure_after_the_end() -> float:
        with app.app_context(), scoped(SYSTEM), unit_of_work():
            sessions.end_everybodys(at=clock.now())
        return measure()

    return measure_after_the_end


def _lock(app: Flask, emails: list[str]) -> None:
    with app.app_context(), scoped(SYSTEM), unit_of_work():
        for email in emails:
            account = queries.by_email(email)
            assert account is not None
            commands.lock(account, at=clock.now())
