"""The life of a service request. To add a status: one member, one row, a label, a command, a test."""

from enum import StrEnum


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    IN_REVIEW = "in_review"
    DECISION_PROPOSED = "decision_proposed"
    DECIDED = "decided"
    NOTIFIED = "notified"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SUBMITTED}),
    Status.SUBMITTED: frozenset({Status.RECEIVED}),
    Status.RECEIVED: frozenset({Status.IN_REVIEW}),
    Status.IN_REVIEW: frozenset({Status.DECISION_PROPOSED}),
    # Back when the approver sends the proposal back.
    Status.DECISION_PROPOSED: frozenset({Status.IN_REVIEW, Status.DECIDED}),
    Status.DECIDED: frozenset({Status.NOTIFIED}),
    Status.NOTIFIED: frozenset(),
}

OPEN_AT_AUTHORITY = frozenset({Status.RECEIVED, Status.IN_REVIEW, Status.DECISION_PROPOSED, Status.DECIDED})
AT_AUTHORITY = OPEN_AT_AUTHORITY | {Status.NOTIFIED}
