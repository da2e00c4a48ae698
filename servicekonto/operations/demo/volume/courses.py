"""What happened to a request, as tables: which steps lead to a status, and how often that is so."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from servicekonto.service_requests.models import EventKind
from servicekonto.service_requests.status import Status


class Actor(Enum):
    CITIZEN = "citizen"
    CLERK = "clerk"
    APPROVER = "approver"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Step:
    """``to`` None: the status stays. ``after``: counted from the receipt."""

    kind: EventKind
    to: Status | None
    actor: Actor
    after: timedelta


_SUBMITTED = (
    Step(EventKind.CREATED, None, Actor.CITIZEN, timedelta(minutes=-9)),
    Step(EventKind.SUBMITTED, Status.SUBMITTED, Actor.CITIZEN, timedelta()),
    Step(EventKind.RECEIVED, Status.RECEIVED, Actor.NOBODY, timedelta()),
)
_TAKEN = (*_SUBMITTED, Step(EventKind.TAKEN, Status.IN_REVIEW, Actor.CLERK, timedelta(days=1, hours=2)))
_TALKED = (
    *_TAKEN,
    Step(EventKind.MESSAGE_FROM_CITIZEN, None, Actor.CITIZEN, timedelta(days=1, hours=4)),
    Step(EventKind.MESSAGE_FROM_AUTHORITY, None, Actor.CLERK, timedelta(days=1, hours=6)),
)
_PROPOSED = (Step(EventKind.DECISION_PROPOSED, Status.DECISION_PROPOSED, Actor.CLERK, timedelta(days=2)),)
_DECIDED = (
    *_PROPOSED,
    Step(EventKind.DECIDED, Status.DECIDED, Actor.APPROVER, timedelta(days=2, hours=4)),
    Step(EventKind.NOTIFIED, Status.NOTIFIED, Actor.NOBODY, timedelta(days=2, hours=4, minutes=1)),
)
_ASKED = Step(
    EventKind.INFORMATION_REQUESTED, Status.INFORMATION_REQUESTED, Actor.CLERK, timedelta(days=1, hours=8)
)
_WITHDRAWN = Step(EventKind.WITHDRAWN, Status.WITHDRAWN, Actor.CITIZEN, timedelta(days=1))
_CLOSED = Step(EventKind.CLOSED, Status.CLOSED, Actor.CLERK, timedelta(days=3))

OPEN_DAYS = 60
"""Older requests are finished."""

RECENT: dict[tuple[Step, ...], int] = {
    _SUBMITTED: 25,
    _TAKEN: 16,
    _TALKED: 4,
    (*_TAKEN, _ASKED): 5,
    (*_TAKEN, *_PROPOSED): 6,
    (*_TAKEN, *_DECIDED): 34,
    (*_TALKED, *_DECIDED): 4,
    (*_SUBMITTED, _WITHDRAWN): 2,
    (*_TAKEN, _CLOSED): 4,
}
OLD: dict[tuple[Step, ...], int] = {
    (*_TAKEN, *_DECIDED): 78,
    (*_TALKED, *_DECIDED): 12,
    (*_SUBMITTED, _WITHDRAWN): 3,
    (*_TAKEN, _CLOSED): 7,
}
