"""One small process that adds up the counts of all others and asks the database for the rest."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIServer

from flask import Flask
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from servicekonto.audit.queries import seconds_unsealed
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.jobs import queries

_FILE_OF_PROCESS = re.compile(r"[a-z_]+_(\d+)\.db")


class DatabaseCollector(Collector):
    """Asked anew at every scrape, so it is true even when no worker runs."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._app.app_context(), scoped(SYSTEM):
            try:
                with unit_of_work(read_only=True):
                    gauges = list(_gauges())
            except SQLAlchemyError:
                gauges = []
        yield GaugeMetricFamily("servicekonto_database_up", "1 when the database answers", bool(gauges))
        yield from gauges


def serve(app: Flask, *, host: str, port: int, folder: Path) -> tuple[WSGIServer, Thread]:
    """In the background. ``folder``: PROMETHEUS_MULTIPROC_DIR of the processes that count."""
    forget_dead_processes(folder)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    registry.register(DatabaseCollector(app))
    return start_http_server(port, addr=host, registry=registry)


def forget_dead_processes(folder: Path) -> int:
    """Files of processes that are gone would pile up with every restart. Returns how many there were."""
    gone = [file for file in folder.glob("*.db") if not _is_alive(file)]
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


def _gauges() -> Iterator[GaugeMetricFamily]:
    at = clock.now()
    age = queries.queue_age(at)
    yield GaugeMetricFamily("servicekonto_queue_age_seconds", "Wait of the oldest due job", age)
    waiting = GaugeMetricFamily("servicekonto_jobs_stored", "Jobs in the database", labels=["status"])
    for status, number in queries.count_by_status().items():
        waiting.add_metric([status.value], number)
    yield waiting
    yield GaugeMetricFamily(
        "servicekonto_audit_unsealed_seconds",
        "Wait of the oldest audit entry for its seal",
        seconds_unsealed(at),
    )
    silence = queries.worker_silence(at)
    if silence is not None:
        yield GaugeMetricFamily(
            "servicekonto_worker_silence_seconds", "Since a worker was last heard of", silence
        )


def _is_alive(file: Path) -> bool:
    match = _FILE_OF_PROCESS.fullmatch(file.name)
    if match is None:
        return True
    with suppress(PermissionError):  # somebody else's: it lives
        try:
            os.kill(int(match[1]), 0)
        except ProcessLookupError:
            return False
    return True
