"""Writes batches of requests, each in a transaction of its own; what is there already is left out.

One thread makes rows while the other one waits for the database.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import sqlalchemy as sa
from flask import Flask, current_app

from servicekonto.accounts import queries as accounts
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, apply_scope, scoped
from servicekonto.core.settings import settings
from servicekonto.operations.demo import people
from servicekonto.operations.demo.volume.inserting import Rows, insert
from servicekonto.operations.demo.volume.rows import BATCH, Batch, request_ids
from servicekonto.operations.demo.volume.sources import Sources, read_sources
from servicekonto.operations.progress import Progress
from servicekonto.service_requests.models import ServiceRequest


class NoDemonstrationError(Exception):
    """The demonstration has to be there first: the requests belong to its registries."""


def add_volume(number: int, *, progress: Progress) -> int:
    """Until there are ``number`` more requests, in whole batches. Returns how many were written now."""
    sources = _sources()
    missing = _missing(sources.at, -(-number // BATCH))
    progress(number - min(number, len(missing) * BATCH))
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with ThreadPoolExecutor(max_workers=1) as writer:
        pending = None
        for batch in missing:
            rows = Batch(sources, batch).build().rows
            if pending is not None:
                pending.result()
                progress(BATCH)
            pending = writer.submit(_write, app, rows)
        if pending is not None:
            pending.result()
            progress(BATCH)
    if missing:
        _analyse()
    return len(missing) * BATCH


def _sources() -> Sources:
    with scoped(SYSTEM), unit_of_work(read_only=True):
        operator = accounts.by_email(people.OPERATOR_EMAIL)
        if operator is None:
            raise NoDemonstrationError
        return read_sources(operator.created_at)


def _missing(at: datetime, batches: int) -> list[int]:
    """A batch is there when its first request is: it was written whole or not at all."""
    first = {request_ids(at, batch)[0]: batch for batch in range(batches)}
    with scoped(SYSTEM), unit_of_work(read_only=True):
        known = db.session.scalars(sa.select(ServiceRequest.id).where(ServiceRequest.id.in_(first)))
        there = {first[request_id] for request_id in known}
    return [batch for batch in range(batches) if batch not in there]


def _write(app: Flask, rows: Rows) -> None:
    with app.app_context(), scoped(SYSTEM), unit_of_work():
        insert(db.session.connection(), rows)


def _analyse() -> None:
    """Otherwise the first queries are planned for the few rows of before. Only the owner may."""
    engine = sa.create_engine(settings().migration_database_url, poolclass=sa.NullPool, hide_parameters=True)
    with scoped(SYSTEM), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            apply_scope(connection)
        connection.exec_driver_sql("analyze")
    engine.dispose()
