"""Which action is possible in which status, and for whom. Commands ask it, and pages for their buttons.

To add an action: one member, one row, a command that calls ``check``; the table test walks every pair.
"""

from dataclasses import dataclass
from enum import StrEnum

from servicekonto.authorities.models import StaffMember
from servicekonto.core.errors import ConflictError, NotAllowedError
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.policy import is_own, may_approve
from servicekonto.service_requests.status import FINISHED, OPEN_AT_AUTHORITY, Status


class Who(StrEnum):
    CITIZEN = "citizen"
    UNIT = "unit"  # everybody who works in the unit
    IN_CHARGE = "in_charge"  # whose name is on it; while there is no name, everybody in the unit
    ASSIGNEE = "assignee"  # whose name is on it
    APPROVER = "approver"  # may approve, and has not proposed


class Action(StrEnum):
    WITHDRAW = "withdraw"
    WRITE = "write"
    ANSWER = "answer"
    TAKE = "take"
    ASSIGN = "assign"
    REPLY = "reply"
    TAKE_NOTE = "take_note"
    READ_MESSAGES = "read_messages"
    ASK = "ask"
    RESUME = "resume"
    FORWARD = "forward"
    CLOSE = "close"
    PROPOSE = "propose"
    APPROVE = "approve"
    SEND_BACK = "send_back"


@dataclass(frozen=True)
class Rule:
    who: Who
    within: frozenset[Status]


_UNDECIDED = OPEN_AT_AUTHORITY - {Status.DECIDED}
_BEFORE_PROPOSAL = frozenset({Status.RECEIVED, Status.IN_REVIEW, Status.INFORMATION_REQUESTED})
_AT_AUTHORITY = OPEN_AT_AUTHORITY | FINISHED

RULES: dict[Action, Rule] = {
    Action.WITHDRAW: Rule(Who.CITIZEN, _UNDECIDED),
    Action.WRITE: Rule(Who.CITIZEN, _AT_AUTHORITY),
    Action.ANSWER: Rule(Who.CITIZEN, frozenset({Status.INFORMATION_REQUESTED})),
    Action.TAKE: Rule(Who.UNIT, OPEN_AT_AUTHORITY),
    Action.ASSIGN: Rule(Who.UNIT, OPEN_AT_AUTHORITY),
    Action.REPLY: Rule(Who.UNIT, _AT_AUTHORITY),
    Action.TAKE_NOTE: Rule(Who.UNIT, _AT_AUTHORITY),
    Action.READ_MESSAGES: Rule(Who.UNIT, _AT_AUTHORITY),
    Action.ASK: Rule(Who.ASSIGNEE, frozenset({Status.IN_REVIEW})),
    Action.RESUME: Rule(Who.ASSIGNEE, frozenset({Status.INFORMATION_REQUESTED})),
    Action.FORWARD: Rule(Who.IN_CHARGE, frozenset({Status.RECEIVED, Status.IN_REVIEW})),
    Action.CLOSE: Rule(Who.IN_CHARGE, _BEFORE_PROPOSAL),
    Action.PROPOSE: Rule(Who.ASSIGNEE, frozenset({Status.IN_REVIEW})),
    Action.APPROVE: Rule(Who.APPROVER, frozenset({Status.DECISION_PROPOSED})),
    Action.SEND_BACK: Rule(Who.APPROVER, frozenset({Status.DECISION_PROPOSED})),
}


def fits_status(action: Action, service_request: ServiceRequest) -> bool:
    return service_request.status in RULES[action].within


def check(action: Action, service_request: ServiceRequest, by: StaffMember | None = None) -> None:
    """``by``: the member of staff who wants it, None for the citizen.

    ConflictError when the status forbids it now, NotAllowedError when somebody else would have to do it.
    Nobody does anything as staff about what they have asked for themselves.
    """
    if not fits_status(action, service_request):
        raise ConflictError(f"no {action} while {service_request.status}")
    if by is not None and not _is_the_one(RULES[action].who, service_request, by):
        raise NotAllowedError(f"somebody else has to {action}")


def can(action: Action, service_request: ServiceRequest, by: StaffMember | None = None) -> bool:
    """The same question for a page."""
    return fits_status(action, service_request) and (
        by is None or _is_the_one(RULES[action].who, service_request, by)
    )


def _is_the_one(who: Who, service_request: ServiceRequest, by: StaffMember) -> bool:
    if is_own(by, service_request):
        return False
    match who:
        case Who.CITIZEN:
            return False
        case Who.UNIT:
            return True
        case Who.IN_CHARGE:
            return service_request.assignee_id in {None, by.id}
        case Who.ASSIGNEE:
            return service_request.assignee_id == by.id
        case Who.APPROVER:
            decision = service_request.decision
            return may_approve(by) and (decision is None or decision.proposed_by_id != by.account_id)
