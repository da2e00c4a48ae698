"""The same act on several requests, each for itself: one that is not possible does not stop the others."""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, NotAllowedError, NotFoundError
from servicekonto.service_requests import inbox
from servicekonto.service_requests.commands import closing, processing
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.workbench.models import BulkAct, BulkReport, BulkResult

MOST = inbox.PAGE_SIZE

Act = Callable[[ServiceRequest], BulkResult]


def assign(ids: Collection[UUID], to: StaffMember, *, by: StaffMember, at: datetime) -> BulkReport:
    """To a colleague, or to oneself."""

    def act(service_request: ServiceRequest) -> BulkResult:
        if service_request.assignee_id == to.id:
            return BulkResult.UNCHANGED
        processing.assign(service_request, to, by=by, at=at)
        return BulkResult.DONE

    return _with_each(ids, BulkAct.ASSIGN, act, by=by, at=at)


def close(ids: Collection[UUID], reason: str, *, by: StaffMember, at: datetime) -> BulkReport:
    """Every citizen gets ``reason`` as a message."""

    def act(service_request: ServiceRequest) -> BulkResult:
        closing.close(service_request, reason=reason, by=by, at=at)
        return BulkResult.DONE

    return _with_each(ids, BulkAct.CLOSE, act, by=by, at=at)


def get_report(report_id: UUID, staff_member: StaffMember) -> BulkReport:
    """One's own."""
    found = db.session.scalar(
        sa.select(BulkReport).where(BulkReport.id == report_id, BulkReport.staff_member_id == staff_member.id)
    )
    if found is None:
        raise NotFoundError(report_id)
    return found


def _with_each(
    ids: Collection[UUID], kind: BulkAct, act: Act, *, by: StaffMember, at: datetime
) -> BulkReport:
    results = dict.fromkeys((str(request_id) for request_id in ids), BulkResult.GONE.value)
    for service_request in inbox.some(by, ids, for_update=True):
        results[str(service_request.id)] = _result(act, service_request).value
    report = BulkReport(
        staff_member_id=by.id, authority_id=by.authority_id, act=kind, results=results, created_at=at
    )
    db.session.add(report)
    db.session.flush()
    return report


def _result(act: Act, service_request: ServiceRequest) -> BulkResult:
    """A command that raises has changed nothing."""
    try:
        return act(service_request)
    except ConflictError:
        return BulkResult.WRONG_STATUS
    except NotAllowedError:
        return BulkResult.NOT_YOURS
