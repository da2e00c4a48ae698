"""Which function does which kind of job, how often it is tried, and what runs by itself every so often.

A handler runs inside one unit of work that also marks the job done: its effect in the database and "done"
are committed together or not at all. A handler that does slow work (network, PDF) is declared with
``own_units_of_work=True``: it is called with no transaction open, opens its own, and calls ``job.finish()``
inside the last one. A handler may run again after a crash: effects outside the database need a stable id.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from servicekonto.jobs.queue import JobContext

Run = Callable[[JobContext], None]

DEFAULT_LEASE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Handler:
    """``lease`` is longer than the work takes: after it, the job counts as abandoned and is taken again."""

    kind: str
    run: Run
    max_attempts: int
    lease: timedelta
    own_units_of_work: bool
    every: timedelta | None


_handlers: dict[str, Handler] = {}

Watcher = Callable[[str, str], None]
"""Is told the kind of a job and what became of an attempt: done, failed or lease_lost."""

_watchers: list[Watcher] = []


def handler(
    kind: str,
    *,
    max_attempts: int = 10,
    lease: timedelta = DEFAULT_LEASE,
    own_units_of_work: bool = False,
    every: timedelta | None = None,
) -> Callable[[Run], Run]:
    """``every``: the workers enqueue it themselves, once per period (counted from 1970, UTC)."""

    def register(run: Run) -> Run:
        known = _handlers.get(kind)
        if known is not None and known.run is not run:
            raise ValueError(f"two handlers for {kind}")
        _handlers[kind] = Handler(
            kind=kind,
            run=run,
            max_attempts=max_attempts,
            lease=lease,
            own_units_of_work=own_units_of_work,
            every=every,
        )
        return run

    return register


def watch(watcher: Watcher) -> None:
    """For packages above. Registering the same one again changes nothing."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def tell_watchers(kind: str, result: str) -> None:
    for watcher in _watchers:
        watcher(kind, result)


def handlers() -> dict[str, Handler]:
    return dict(_handlers)


def period_start(at: datetime, every: timedelta) -> datetime:
    """Whole seconds, so that all workers find the same."""
    seconds = int(every.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)
