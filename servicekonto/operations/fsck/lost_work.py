"""Deferred work that should be waiting and is not. Enqueuing it again is safe: each of these jobs does
nothing when its work is done already."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.data_protection.models import AccountDeletion
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.queue import enqueue
from servicekonto.jobs.registry import handlers
from servicekonto.notices.tasks import SERVE_DECISION
from servicekonto.notifications.mails import SEND_MAIL
from servicekonto.notifications.models import Mail
from servicekonto.operations.fsck.finding import Check, Finding, rows
from servicekonto.service_requests.models import RequestDocument, ServiceRequest
from servicekonto.service_requests.presentation import DECISION, RECEIPT
from servicekonto.service_requests.status import Status
from servicekonto.service_requests.tasks import MAKE_RECEIPT
from servicekonto.web.idempotency import IdempotencyKey

SUBMIT = "service_requests.submit"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AT_ONCE = 500


@dataclass(frozen=True)
class Awaited:
    """Rows that ``query`` gives need a job of this kind, with their id under this name in the payload."""

    rule: str
    table: str
    kind: str
    parameter: str
    query: sa.Select[UUID]

    def find(self) -> Iterator[Finding]:
        """A job that was given up is not lost: it is listed and can be retried."""
        candidates = list(db.session.scalars(self.query))
        payloads = db.session.scalars(
            sa.select(Job.payload).where(Job.kind == self.kind, Job.status != JobStatus.DONE)
        )
        known = {payload.get(self.parameter) for payload in payloads} if candidates else set()
        for row in candidates:
            if str(row) not in known:
                yield Finding(self.rule, self.table, str(row))


_RECEIPT = sa.exists().where(
    RequestDocument.service_request_id == ServiceRequest.id, RequestDocument.kind == RECEIPT
)

_POSTED = sa.exists().where(  # the account is deleted: the document is stored, and the authority posts it
    RequestDocument.service_request_id == ServiceRequest.id,
    RequestDocument.kind == DECISION,
    AccountDeletion.account_id == ServiceRequest.account_id,
    AccountDeletion.deleted_at.is_not(None),
)

AWAITED = (
    Awaited(
        "receipt_is_there_or_on_its_way",
        ServiceRequest.__tablename__,
        MAKE_RECEIPT,
        "service_request_id",
        sa.select(ServiceRequest.id).where(ServiceRequest.submitted_at.is_not(None), ~_RECEIPT),
    ),
    Awaited(
        "decision_is_on_its_way",
        ServiceRequest.__tablename__,
        SERVE_DECISION,
        "service_request_id",
        sa.select(ServiceRequest.id).where(ServiceRequest.status == Status.DECIDED, ~_POSTED),
    ),
    Awaited(
        "mail_is_sent_or_on_its_way",
        Mail.__tablename__,
        SEND_MAIL,
        "mail_id",
        sa.select(Mail.id).where(Mail.sent_at.is_(None)),
    ),
)


def checks() -> tuple[Check, ...]:
    return (
        *(Check(awaited.rule, awaited.find) for awaited in AWAITED),
        rows("job_is_not_given_up", "job", sa.select(Job.id).where(Job.status == JobStatus.DEAD)),
        rows(
            "job_is_of_a_known_kind",
            "job",
            sa.select(Job.id).where(Job.status == JobStatus.QUEUED, Job.kind.not_in(handlers())),
        ),
        rows(
            "key_has_an_outcome",
            IdempotencyKey.__tablename__,
            sa.select(IdempotencyKey.id).where(IdempotencyKey.location.is_(None)),
        ),
        Check("acknowledged_is_stored", _acknowledged_but_missing),
    )


def repair(findings: Iterable[Finding], *, at: datetime) -> int:
    """Enqueue what was lost, in the current transaction. Returns how many jobs that were."""
    awaited = {one.rule: one for one in AWAITED}
    found = [finding for finding in findings if finding.rule in awaited]
    for finding in found:
        lost = awaited[finding.rule]
        enqueue(lost.kind, payload={lost.parameter: finding.row}, at=at)
    return len(found)


def _acknowledged_but_missing() -> Iterator[Finding]:
    """A person was told that their request has arrived, and there is no such request."""
    keys = db.session.execute(
        sa.select(IdempotencyKey.id, IdempotencyKey.location).where(IdempotencyKey.endpoint == SUBMIT),
        execution_options={"yield_per": _AT_ONCE},
    )
    for batch in keys.partitions():
        told = {key: UUID(match[0]) for key, location in batch if (match := _UUID.search(location or ""))}
        stored = set(
            db.session.scalars(
                sa.select(ServiceRequest.id).where(
                    ServiceRequest.id.in_(told.values()), ServiceRequest.submitted_at.is_not(None)
                )
            )
        )
        for key, request_id in told.items():
            if request_id not in stored:
                yield Finding("acknowledged_is_stored", IdempotencyKey.__tablename__, str(key))
