"""A copy of everything about one person: asked for, made step by step, kept for a week."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from servicekonto.accounts.models import Account
from servicekonto.audit import Action, record
from servicekonto.core import retention
from servicekonto.core.db import db
from servicekonto.core.events import publish
from servicekonto.data_protection import queries
from servicekonto.data_protection.commands import deletion
from servicekonto.data_protection.events import ExportReady
from servicekonto.data_protection.models import DataExport
from servicekonto.jobs.queue import enqueue

MAKE_EXPORT = "data_protection.export"


def ask(account: Account, *, at: datetime) -> DataExport:
    """The copy before it goes. While one is in the making, asking again changes nothing."""
    newest = queries.newest_export(account)
    if newest is not None and newest.ready_at is None and not queries.has_failed(newest):
        return newest
    forget_all(account)
    export = DataExport(account_id=account.id, asked_at=at)
    try:
        with db.session.begin_nested():
            db.session.add(export)
    except IntegrityError:  # asked for twice at the same moment
        return db.session.scalars(
            sa.select(DataExport).where(DataExport.account_id == account.id, DataExport.ready_at.is_(None))
        ).one()
    enqueue(MAKE_EXPORT, payload={"export_id": export.id}, at=at, key=queries.job_key(export))
    return export


def note_step(export: DataExport, *, done: int, total: int) -> None:
    export.steps_done, export.steps_total = done, total
    db.session.flush()


def put_in(export: DataExport, file: bytes, *, at: datetime) -> None:
    """Doing it again changes nothing."""
    if export.ready_at is not None:
        return
    export.file, export.size = file, len(file)
    export.steps_done = export.steps_total
    export.ready_at, export.expires_at = at, at + retention.EXPORTS.kept
    db.session.flush()
    under_way = queries.deletion_under_way(export.account)
    publish(
        ExportReady(
            subject_id=export.account_id,
            actor_id=None,
            occurred_at=at,
            expires_at=export.expires_at,
            deletes_at=under_way.deletes_at if under_way else None,
            link_token=deletion.token_of(under_way) if under_way else None,
        )
    )


def fetch(export: DataExport, *, by: Account, at: datetime) -> bytes:
    """Its bytes, and an entry that they were fetched."""
    record(Action.DATA_EXPORTED, by.id, authority_id=None, by=by, at=at, account_id=by.id)
    return export.file or b""


def forget_all(account: Account) -> None:
    db.session.execute(
        sa.delete(DataExport).where(DataExport.account_id == account.id),
        execution_options={"synchronize_session": "fetch"},
    )


def purge(*, at: datetime) -> None:
    db.session.execute(
        sa.delete(DataExport).where(DataExport.expires_at <= at),
        execution_options={"synchronize_session": False},
    )
