"""A decision is proposed by one person and approved by another (four-eyes principle)."""

from datetime import datetime

from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError
from servicekonto.service_requests import events, history
from servicekonto.service_requests.actions import Action, check
from servicekonto.service_requests.commands import places
from servicekonto.service_requests.models import Decision, EventKind, Outcome, ServiceRequest
from servicekonto.service_requests.status import Status

GRANTING = frozenset({Outcome.GRANTED, Outcome.GRANTED_IN_PART})


def propose(
    service_request: ServiceRequest, *, outcome: Outcome, reasons: str, by: StaffMember, at: datetime
) -> None:
    """Only the person whose name is on the request. Replaces a proposal that was sent back.

    ConflictError for granting what somebody still waits for: a place comes from the waiting list.
    """
    check(Action.PROPOSE, service_request, by)
    if outcome in GRANTING and places.is_waiting(service_request):
        raise ConflictError("there is no place to grant")
    history.move(
        service_request,
        Status.DECISION_PROPOSED,
        EventKind.DECISION_PROPOSED,
        by=by.account,
        at=at,
        payload={"outcome": outcome.value},
    )
    decision = service_request.decision or _new_decision(service_request)
    decision.outcome = outcome
    decision.reasons = reasons
    decision.return_reason = None
    decision.proposed_by_id = by.account_id
    decision.proposed_at = at
    db.session.flush()
    history.announce(events.DecisionProposed, service_request, by=by.account, at=at)


def send_back(service_request: ServiceRequest, *, reason: str, by: StaffMember, at: datetime) -> None:
    """The approver wants it changed; the clerk finds the reason at the request."""
    check(Action.SEND_BACK, service_request, by)
    decision = _proposed(service_request)
    history.move(service_request, Status.IN_REVIEW, EventKind.PROPOSAL_RETURNED, by=by.account, at=at)
    decision.return_reason = reason
    db.session.flush()
    history.announce(events.ProposalReturned, service_request, by=by.account, at=at)


def approve(service_request: ServiceRequest, *, by: StaffMember, at: datetime) -> None:
    """Makes the decision. Approving what one has approved already changes nothing."""
    decision = service_request.decision
    if decision is not None and decision.approved_by_id == by.account_id:
        return
    check(Action.APPROVE, service_request, by)
    decision = _proposed(service_request)
    history.move(
        service_request,
        Status.DECIDED,
        EventKind.DECIDED,
        by=by.account,
        at=at,
        payload={"outcome": decision.outcome.value},
    )
    decision.approved_by_id = by.account_id
    decision.approved_at = at
    if decision.outcome not in GRANTING:
        places.give_back(service_request, by=by.account, at=at)
    db.session.flush()
    history.announce(events.DecisionApproved, service_request, by=by.account, at=at)


def mark_notified(service_request: ServiceRequest, *, at: datetime) -> None:
    """The decision lies in the postbox. Repeating it changes nothing."""
    if service_request.status is Status.NOTIFIED:
        return
    history.move(service_request, Status.NOTIFIED, EventKind.NOTIFIED, by=None, at=at)
    db.session.flush()
    history.announce(events.RequestNotified, service_request, by=None, at=at)


def _proposed(service_request: ServiceRequest) -> Decision:
    decision = service_request.decision
    if decision is None:
        raise ConflictError("no decision is proposed")
    return decision


def _new_decision(service_request: ServiceRequest) -> Decision:
    decision = Decision(service_request_id=service_request.id, service_request=service_request)
    db.session.add(decision)
    return decision
