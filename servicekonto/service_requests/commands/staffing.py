"""What becomes of requests when somebody leaves the authority."""

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from servicekonto.accounts.models import Account
from servicekonto.authorities.events import StaffMemberDeactivated
from servicekonto.core.db import db
from servicekonto.service_requests import history
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.service_requests.status import OPEN_AT_AUTHORITY


def release_requests(event: StaffMemberDeactivated) -> None:
    """Open requests of this person are nobody's now: colleagues find them in the inbox and can take them."""
    by = db.session.get(Account, event.actor_id) if event.actor_id else None
    theirs = (
        sa.select(ServiceRequest)
        .where(
            ServiceRequest.authority_id == event.authority_id,
            ServiceRequest.assignee_id == event.subject_id,
            ServiceRequest.status.in_(sorted(OPEN_AT_AUTHORITY)),
        )
        .options(selectinload(ServiceRequest.history))
        .order_by(ServiceRequest.id)
        .with_for_update(of=ServiceRequest)
    )
    for service_request in db.session.scalars(theirs).all():
        service_request.assignee = None
        history.note(
            service_request,
            EventKind.RELEASED,
            by=by,
            at=event.occurred_at,
            payload={"staff_member_id": str(event.subject_id)},
        )
    db.session.flush()
