"""What a clerk does with a request before it is decided."""

from datetime import datetime

from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, NotAllowedError
from servicekonto.service_requests import history
from servicekonto.service_requests.actions import Action, check
from servicekonto.service_requests.events import RequestTaken
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.service_requests.policy import may_work_on
from servicekonto.service_requests.status import Status


def take(service_request: ServiceRequest, *, by: StaffMember, at: datetime) -> None:
    """Start the review and put one's own name on it. Taking one's own request again changes nothing."""
    if service_request.assignee_id == by.id:
        return
    check(Action.TAKE, service_request, by)
    if service_request.assignee_id is not None:
        raise ConflictError("somebody else has taken it")
    _put_on(service_request, by)
    if service_request.status is Status.RECEIVED:
        history.move(service_request, Status.IN_REVIEW, EventKind.TAKEN, by=by.account, at=at)
    else:
        history.note(service_request, EventKind.TAKEN, by=by.account, at=at)
    db.session.flush()
    history.announce(RequestTaken, service_request, by=by.account, at=at)


def assign(service_request: ServiceRequest, to: StaffMember, *, by: StaffMember, at: datetime) -> None:
    """Hand it to a colleague of the same unit."""
    if service_request.assignee_id == to.id:
        return
    check(Action.ASSIGN, service_request, by)
    if not may_work_on(to, service_request):
        raise NotAllowedError("the colleague does not work in this unit")
    _put_on(service_request, to)
    payload = {"assignee_id": str(to.id)}
    if service_request.status is Status.RECEIVED:
        history.move(
            service_request, Status.IN_REVIEW, EventKind.ASSIGNED, by=by.account, at=at, payload=payload
        )
    else:
        history.note(service_request, EventKind.ASSIGNED, by=by.account, at=at, payload=payload)
    db.session.flush()


def _put_on(service_request: ServiceRequest, staff_member: StaffMember) -> None:
    service_request.assignee_id = staff_member.id
    service_request.assignee = staff_member
