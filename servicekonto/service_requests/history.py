"""The only place that assigns ``status``. Every change appends to the history in the same breath."""

from datetime import datetime
from typing import Any

from servicekonto.accounts.models import Account
from servicekonto.core.errors import InvalidTransitionError
from servicekonto.core.events import publish
from servicekonto.service_requests.events import RequestEventPublished
from servicekonto.service_requests.models import EventKind, RequestEvent, ServiceRequest
from servicekonto.service_requests.status import TRANSITIONS, Status

PUBLIC = frozenset(
    {
        EventKind.CREATED,
        EventKind.SUBMITTED,
        EventKind.RECEIVED,
        EventKind.TAKEN,
        EventKind.DECIDED,
        EventKind.NOTIFIED,
        EventKind.WITHDRAWN,
        EventKind.CLOSED,
        EventKind.MESSAGE_FROM_CITIZEN,
        EventKind.MESSAGE_FROM_AUTHORITY,
        EventKind.INFORMATION_REQUESTED,
        EventKind.INFORMATION_PROVIDED,
        EventKind.REVIEW_RESUMED,
        EventKind.FORWARDED,
        EventKind.PLACE_CONFIRMED,
        EventKind.PLACE_AWAITED,
        EventKind.PLACE_FREED,
        EventKind.ACCOUNT_ENDED,
    }
)
"""What the citizen sees. Who proposes what to whom inside the authority is internal."""


def move(
    service_request: ServiceRequest,
    to: Status,
    kind: EventKind,
    *,
    by: Account | None,
    at: datetime,
    payload: dict[str, Any] | None = None,
) -> None:
    """Raises InvalidTransitionError and has then changed nothing."""
    was = service_request.status
    if to not in TRANSITIONS[was]:
        raise InvalidTransitionError(from_status=was, to_status=to)
    service_request.status = to
    _append(service_request, kind, was=was, by=by, at=at, payload=payload)


def note(
    service_request: ServiceRequest,
    kind: EventKind,
    *,
    by: Account | None,
    at: datetime,
    payload: dict[str, Any] | None = None,
) -> None:
    """Something happened that leaves the status as it is."""
    _append(service_request, kind, was=service_request.status, by=by, at=at, payload=payload)


def announce(
    event_type: type[RequestEventPublished],
    service_request: ServiceRequest,
    *,
    by: Account | None,
    at: datetime,
) -> None:
    """Tell the packages above, inside this transaction."""
    publish(
        event_type(
            subject_id=service_request.id,
            actor_id=by.id if by else None,
            occurred_at=at,
            account_id=service_request.account_id,
            authority_id=service_request.authority_id,
        )
    )


def _append(
    service_request: ServiceRequest,
    kind: EventKind,
    *,
    was: Status | None,
    by: Account | None,
    at: datetime,
    payload: dict[str, Any] | None,
) -> None:
    service_request.event_count = (service_request.event_count or 0) + 1
    service_request.updated_at = at
    service_request.history.append(
        RequestEvent(
            sequence=service_request.event_count,
            kind=kind,
            from_status=was,
            to_status=service_request.status,
            actor_id=by.id if by else None,
            is_public=kind in PUBLIC,
            payload=payload or {},
            occurred_at=at,
        )
    )
