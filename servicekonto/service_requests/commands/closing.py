"""Ways out of the procedure without a decision: the citizen withdraws, or the authority closes."""

from datetime import datetime

import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.service_requests import events, history
from servicekonto.service_requests.actions import Action, check
from servicekonto.service_requests.commands import conversation, places
from servicekonto.service_requests.conversation_models import InformationRequest
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.service_requests.status import Status


def withdraw(service_request: ServiceRequest, *, by: Account, at: datetime) -> None:
    """Possible until the decision is made. Withdrawing again changes nothing.

    ConflictError when the authority was faster: then there is a decision.
    """
    if service_request.status is Status.WITHDRAWN:
        return
    check(Action.WITHDRAW, service_request)
    history.move(service_request, Status.WITHDRAWN, EventKind.WITHDRAWN, by=by, at=at)
    stop_waiting(service_request, at=at)
    places.give_back(service_request, by=by, at=at)
    db.session.flush()
    history.announce(events.RequestWithdrawn, service_request, by=by, at=at)


def close(service_request: ServiceRequest, *, reason: str, by: StaffMember, at: datetime) -> None:
    """Settled without a decision. The citizen gets ``reason`` as a message."""
    check(Action.CLOSE, service_request, by)
    message = conversation.say(service_request, reason, by=by, at=at)
    payload = {"message_id": str(message.id)}
    history.move(service_request, Status.CLOSED, EventKind.CLOSED, by=by.account, at=at, payload=payload)
    stop_waiting(service_request, at=at)
    places.give_back(service_request, by=by.account, at=at)
    db.session.flush()
    history.announce(events.RequestClosed, service_request, by=by.account, at=at)


def stop_waiting(service_request: ServiceRequest, *, at: datetime) -> None:
    """Nobody waits for an answer any more."""
    db.session.execute(
        sa.update(InformationRequest)
        .where(
            InformationRequest.service_request_id == service_request.id, InformationRequest.ended_at.is_(None)
        )
        .values(ended_at=at)
    )
