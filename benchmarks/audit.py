"""The chains of the audit trail as they grow: sealing, verifying, checkpoints, and payloads that go."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from benchmarks.harness import Figure, Measure, cpu_seconds, environment, flask, report, take_turns
from config import PROJECT_ROOT, Config
from servicekonto import create_app
from servicekonto.audit import checkpoints, sealer, verifying
from servicekonto.audit.actions import DECLARED, Action
from servicekonto.audit.checkpoints import Expected
from servicekonto.audit.models import AuditEntry
from servicekonto.core import clock
from servicekonto.core.db import db, table_of, unit_of_work
from servicekonto.core.ids import new_id
from servicekonto.core.retention import AUDIT_PAYLOADS
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.operations.retention.tasks import empty_audit_payloads
from servicekonto.operations.snapshot import snapshot
from servicekonto.web.application import Servicekonto
from tests.support import postgres

GOAL = 1.5
ROUNDS = 3
SIZES: tuple[int, ...] = (10_000, 100_000)
PARTS = ROUNDS + 1
"""What can be done only once with an entry is done with a part of them in each round."""

CHAINS = 10
OLD = 5
"""One entry of so many has a payload that is to go."""

AT_ONCE = 10_000
_ADD = sa.insert(table_of(AuditEntry))


@dataclass(frozen=True)
class Trail:
    """``entries`` in ``CHAINS`` chains, in a database of its own. Begun at ``at``."""

    entries: int
    at: datetime
    environ: Mapping[str, str]
    app: Servicekonto

    def __str__(self) -> str:
        return f"{self.entries:,} entries"


def run() -> None:
    with ExitStack() as stack:
        trails = [stack.enter_context(_trail(size)) for size in SIZES]
        _report_growth("Sealing", _in_turns(trails, _sealing))
        _report_growth("Verifying", _in_turns(trails, _verifying))
        ends = _in_turns(trails, _ends)
        report("The ends of all chains", ends, unit="ms of CPU", base=str(trails[0]), goal=None)
        _report_growth("Emptying payloads", _in_turns(trails, _emptying))
        print("\nLargest memory of a command, MB")
        for command in (["audit", "verify"], ["audit", "checkpoint"]):
            peaks = ", ".join(f"{_peak_mb(trail, command):.0f} ({trail})" for trail in trails)
            print(f"  flask {' '.join(command):28} {peaks}", flush=True)


@contextmanager
def _trail(size: int) -> Iterator[Trail]:
    """Written as the application writes, but many in one statement; none is sealed yet."""
    print(f"{size} audit entries …", file=sys.stderr, flush=True)
    environ = environment(postgres.create_database(f"bench_audit_{size}"))
    flask(environ, "db", "upgrade")
    trail = Trail(size, clock.now(), environ, create_app(Config.from_environment(environ)))
    with _inside(trail):
        entries = _entries(trail)
        while rows := list(islice(entries, AT_ONCE)):
            with unit_of_work():
                db.session.connection().execute(_ADD, rows)
    yield trail
    with trail.app.app_context():
        db.engine.dispose()


def _entries(trail: Trail) -> Iterator[dict[str, Any]]:
    chains = [None, *(new_id() for _ in range(CHAINS - 1))]
    action, old = Action.CONTACT_CHANGED, trail.entries // OLD
    for number in range(trail.entries):
        yield {
            "id": new_id(),
            "authority_id": chains[number % CHAINS],
            "at": _day(trail, number * PARTS // old) - AUDIT_PAYLOADS.kept if number < old else trail.at,
            "actor_id": new_id(),
            "action": action,
            "object_kind": DECLARED[action].object_kind,
            "object_id": new_id(),
            "payload": {"fields": ["email", "phone"]},
        }


def _day(trail: Trail, part: int) -> datetime:
    """On which a part of the old payloads is to go; the last part today."""
    return trail.at - timedelta(days=PARTS - 1 - part)


def _sealing(trail: Trail) -> Measure:
    number = trail.entries // PARTS

    def seal() -> None:
        for _ in range(number // sealer.AT_ONCE):
            with unit_of_work():
                _expect(sealer.seal_some(at=clock.now()), sealer.AT_ONCE)

    return _spent(trail, seal, number=number)


def _verifying(trail: Trail) -> Measure:
    def verify() -> None:
        with snapshot():
            found = verifying.verify(Expected(), at=trail.at, progress=lambda _steps: None)
        _expect((found.is_whole, found.entries), (True, trail.entries))

    return _spent(trail, verify, number=trail.entries)


def _ends(trail: Trail) -> Measure:
    def find() -> None:
        with unit_of_work(read_only=True):
            found = list(checkpoints.heads(at=trail.at))
        _expect(sum(head.count for head in found), trail.entries)

    return _spent(trail, find, number=1000)


def _emptying(trail: Trail) -> Measure:
    number, parts = trail.entries // OLD // PARTS, iter(range(PARTS))

    def empty() -> None:
        _expect(empty_audit_payloads(at=_day(trail, next(parts))), number)

    return _spent(trail, empty, number=number)


def _expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise RuntimeError(f"{found}, not {wanted}")


def _spent(trail: Trail, act: Callable[[], None], *, number: int) -> Measure:
    """Microseconds of CPU, here and in the database, for each of ``number``."""

    def measure() -> float:
        with _inside(trail):
            with unit_of_work(read_only=True):  # the only connection, so the acts run there too
                backend = db.session.scalar(sa.text("select pg_backend_pid()"))
            before = time.process_time() + cpu_seconds(backend)
            act()
            return (time.process_time() + cpu_seconds(backend) - before) / number * 1e6

    return measure


def _in_turns(trails: list[Trail], measure: Callable[[Trail], Measure]) -> dict[str, Figure]:
    return take_turns({str(trail): measure(trail) for trail in trails}, rounds=ROUNDS)


def _report_growth(title: str, figures: Mapping[str, Figure]) -> None:
    report(title, figures, unit="µs of CPU for each", base=next(iter(figures)), goal=GOAL)


def _peak_mb(trail: Trail, arguments: list[str]) -> float:
    """Of a process of its own, which has to succeed."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    process = subprocess.Popen(command, env=dict(trail.environ), cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    _expect(process.returncode, 0)
    return usage.ru_maxrss / 1000


@contextmanager
def _inside(trail: Trail) -> Iterator[None]:
    with trail.app.app_context(), scoped(SYSTEM):
        yield
        db.session.remove()
