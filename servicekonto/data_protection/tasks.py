"""What the workers do for people's rights."""

from datetime import datetime, timedelta

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.data_protection import inactivity, queries
from servicekonto.data_protection.archive import Archive
from servicekonto.data_protection.commands import deletion, exports
from servicekonto.data_protection.models import DataExport
from servicekonto.data_protection.walk import Found, rows_of
from servicekonto.jobs.queue import JobContext
from servicekonto.jobs.registry import handler
from servicekonto.web.i18n import in_language

LEASE = timedelta(minutes=10)
AT_ONCE = 200


@handler(exports.MAKE_EXPORT, own_units_of_work=True, max_attempts=5, lease=LEASE)
def make_export(job: JobContext) -> None:
    """One table per transaction. A worker that dies leaves nothing behind but the number of its steps; the
    next one begins anew.
    """
    export_id = job.uuid("export_id")
    with unit_of_work(read_only=True):
        export = db.session.get(DataExport, export_id)
        if export is None or export.ready_at is not None:
            return
        account_id, language = export.account_id, export.account.language
        found = rows_of(account_id)
    archive = Archive(account_id)
    for done, (table, keys) in enumerate(sorted(found.items())):
        _note_step(job, done, found)
        with unit_of_work(read_only=True):
            archive.add(table, keys)
    with in_language(language):
        file = archive.close(at=job.at)
    with unit_of_work():
        export = db.session.get(DataExport, export_id, with_for_update={"of": DataExport})
        if export is not None:
            exports.put_in(export, file, at=clock.now())
        job.finish(at=clock.now())


def _note_step(job: JobContext, done: int, found: Found) -> None:
    with unit_of_work():
        export = db.session.get(DataExport, job.uuid("export_id"), populate_existing=True)
        if export is not None:
            exports.note_step(export, done=done, total=len(found))


@handler("data_protection.purge", every=timedelta(hours=1))
def purge(job: JobContext) -> None:
    exports.purge(at=job.at)


@handler("data_protection.deletions", every=timedelta(hours=1), own_units_of_work=True, lease=LEASE)
def end_accounts(job: JobContext) -> None:
    remind_of_deletions(at=job.at)
    delete_accounts(at=job.at)
    with unit_of_work():
        job.finish(at=clock.now())


def remind_of_deletions(*, at: datetime) -> int:
    """Returns how many owners were reminded."""
    with unit_of_work():
        found = queries.deletions_to_remind_of(at=at, limit=AT_ONCE)
        for near in found:
            deletion.remind(near, at=at)
    return len(found)


def delete_accounts(*, at: datetime) -> int:
    """Each in a transaction of its own: all of an account goes, or nothing. Returns how many went."""
    number = 0
    while True:
        with unit_of_work():
            found = queries.due_deletions(at=at, limit=1)
            for due in found:
                deletion.delete(due, at=at)
        if not found:
            return number
        number += 1


@handler("data_protection.inactivity", every=timedelta(days=1), own_units_of_work=True, lease=LEASE)
def end_unused_accounts(job: JobContext) -> None:
    treat_unused_accounts(at=job.at)
    with unit_of_work():
        job.finish(at=clock.now())


def treat_unused_accounts(*, at: datetime) -> int:
    """Each in a transaction of its own. Returns how many were deleted."""
    with unit_of_work(read_only=True):
        ids = inactivity.candidates(at=at)
    number = 0
    for account_id in ids:
        with unit_of_work():
            number += inactivity.treat(account_id, at=at)
    return number
