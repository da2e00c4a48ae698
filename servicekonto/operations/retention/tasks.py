"""Drafts end 30 days after the last edit; their owners are reminded a week before. Others go quietly."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.audit.commands import FIRST, empty_payloads
from servicekonto.core import clock, retention
from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs.queue import JobContext
from servicekonto.jobs.registry import handler
from servicekonto.notifications import mails
from servicekonto.service_requests.commands import drafts
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.idempotency import IdempotencyKey
from servicekonto.workbench.models import BulkReport

AT_ONCE = 200
REMINDER = "draft_ends"


@handler("retention.drafts", every=timedelta(hours=1), own_units_of_work=True, lease=timedelta(minutes=10))
def drafts_end(job: JobContext) -> None:
    remind_of_drafts(at=job.at)
    delete_drafts(at=job.at)
    with unit_of_work():
        job.finish(at=clock.now())


@handler("retention.idempotency_keys", every=timedelta(days=1))
def purge_idempotency_keys(job: JobContext) -> None:
    delete_idempotency_keys(at=job.at)


@handler("retention.bulk_reports", every=timedelta(days=1))
def purge_bulk_reports(job: JobContext) -> None:
    delete_bulk_reports(at=job.at)


@handler(
    "retention.audit_payloads", every=timedelta(days=1), own_units_of_work=True, lease=timedelta(minutes=10)
)
def audit_payloads_go(job: JobContext) -> None:
    empty_audit_payloads(at=job.at)


def remind_of_drafts(*, at: datetime) -> int:
    """One mail per person, however many drafts. Returns how many drafts it was about."""
    number = 0
    while True:
        with unit_of_work():
            found = _due_for_reminder(at)
            for account_id, until in _first_ends(found).items():
                mails.write(REMINDER, to=db.session.get_one(Account, account_id), at=at, until=until)
            _mark_reminded([draft.id for draft in found], at)
        number += len(found)
        if len(found) < AT_ONCE:
            return number


def delete_drafts(*, at: datetime) -> int:
    """With everything typed into them, for good. One that is being saved at this moment is not touched."""
    number = 0
    while True:
        with unit_of_work():
            found = _drafts(ServiceRequest.updated_at <= at - retention.DRAFTS.kept)
            for draft in found:
                drafts.discard(draft)
        number += len(found)
        if len(found) < AT_ONCE:
            return number


def delete_idempotency_keys(*, at: datetime) -> None:
    db.session.execute(
        sa.delete(IdempotencyKey).where(IdempotencyKey.created_at < at - retention.IDEMPOTENCY_KEYS.kept),
        execution_options={"synchronize_session": False},
    )


def delete_bulk_reports(*, at: datetime) -> None:
    db.session.execute(
        sa.delete(BulkReport).where(BulkReport.created_at < at - retention.BULK_REPORTS.kept),
        execution_options={"synchronize_session": False},
    )


def empty_audit_payloads(*, at: datetime) -> int:
    """Of sealed entries; one that waits for its seal keeps its payload until then."""
    number, last = 0, FIRST
    while True:
        with unit_of_work():
            emptied = empty_payloads(before=at - retention.AUDIT_PAYLOADS.kept, at_most=AT_ONCE, after=last)
        number += len(emptied)
        if len(emptied) < AT_ONCE:
            return number
        last = emptied[-1]


def _due_for_reminder(at: datetime) -> Sequence[ServiceRequest]:
    """Saving a draft again starts its time anew, and the reminder with it."""
    return _drafts(
        ServiceRequest.updated_at <= at - retention.DRAFTS.kept + retention.DRAFT_REMINDER,
        ServiceRequest.updated_at > at - retention.DRAFTS.kept,
        sa.or_(
            ServiceRequest.reminded_at.is_(None),
            ServiceRequest.reminded_at < ServiceRequest.updated_at,
        ),
    )


def _drafts(*conditions: sa.ColumnElement[bool]) -> Sequence[ServiceRequest]:
    return db.session.scalars(
        sa.select(ServiceRequest)
        .where(ServiceRequest.status == Status.DRAFT, *conditions)
        .order_by(ServiceRequest.updated_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def _first_ends(found: Sequence[ServiceRequest]) -> dict[UUID, datetime]:
    ends: dict[UUID, datetime] = {}
    for draft in found:
        ends.setdefault(draft.account_id, retention.draft_kept_until(draft.updated_at))
    return ends


def _mark_reminded(ids: Sequence[UUID], at: datetime) -> None:
    """Not through the object: for the owner the draft has not changed."""
    db.session.execute(
        sa.update(ServiceRequest).where(ServiceRequest.id.in_(ids)).values(reminded_at=at),
        execution_options={"synchronize_session": False},
    )
