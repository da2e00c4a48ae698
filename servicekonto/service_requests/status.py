"""The life of a service request. To add a status: one member, one row, a label, a command, a test.

Who may do what in which status is in ``actions``.
"""

from enum import StrEnum


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    IN_REVIEW = "in_review"
    INFORMATION_REQUESTED = "information_requested"
    DECISION_PROPOSED = "decision_proposed"
    DECIDED = "decided"
    NOTIFIED = "notified"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SUBMITTED}),
    Status.SUBMITTED: frozenset({Status.RECEIVED}),
    Status.RECEIVED: frozenset({Status.IN_REVIEW, Status.WITHDRAWN, Status.CLOSED}),
    # Back to received when it is forwarded: the next authority starts anew.
    Status.IN_REVIEW: frozenset(
        {
            Status.RECEIVED,
            Status.INFORMATION_REQUESTED,
            Status.DECISION_PROPOSED,
            Status.WITHDRAWN,
            Status.CLOSED,
        }
    ),
    Status.INFORMATION_REQUESTED: frozenset({Status.IN_REVIEW, Status.WITHDRAWN, Status.CLOSED}),
    # Back when the approver sends the proposal back.
    Status.DECISION_PROPOSED: frozenset({Status.IN_REVIEW, Status.DECIDED, Status.WITHDRAWN}),
    Status.DECIDED: frozenset({Status.NOTIFIED}),
    Status.NOTIFIED: frozenset(),
    Status.WITHDRAWN: frozenset(),
    Status.CLOSED: frozenset(),
}

OPEN_AT_AUTHORITY = frozenset(
    {
        Status.RECEIVED,
        Status.IN_REVIEW,
        Status.INFORMATION_REQUESTED,
        Status.DECISION_PROPOSED,
        Status.DECIDED,
    }
)
FINISHED = frozenset({Status.NOTIFIED, Status.WITHDRAWN, Status.CLOSED})
AT_AUTHORITY = OPEN_AT_AUTHORITY | FINISHED
