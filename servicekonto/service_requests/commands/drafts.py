"""From an empty form to a submitted request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from servicekonto.accounts.models import Account
from servicekonto.catalogue.definition import Definition, FieldError, evaluate
from servicekonto.catalogue.models import Offer
from servicekonto.core import clock, ids
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, DomainError, NotAllowedError
from servicekonto.service_requests import events, history
from servicekonto.service_requests.commands import places
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.service_requests.names import index_names
from servicekonto.service_requests.policy import may_apply
from servicekonto.service_requests.status import Status


class IncompleteAnswersError(DomainError):
    """``errors`` says what is missing or wrong, and where."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(f"{len(errors)} answers are missing or wrong")
        self.errors = tuple(errors)


class NotOnlineError(ConflictError):
    """The competent authority does not take this service online, or no authority is competent."""


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where the request goes, and the sentence that says why; it is kept with the request."""

    offer: Offer
    reason: str


def start(
    definition: Definition,
    *,
    service_version_id: Any,
    prefilled: Mapping[str, Any],
    by: Account,
    at: datetime,
) -> ServiceRequest:
    """A new draft. Whether an older one should be offered instead is the caller's question.

    NotAllowedError when the service is not for this kind of account.
    """
    if not may_apply(by, definition):
        raise NotAllowedError(f"not open to {by.kind}")
    draft = ServiceRequest(
        account_id=by.id,
        subject_account_id=by.id,
        service_key=definition.key,
        service_version_id=service_version_id,
        status=Status.DRAFT,
        input=dict(prefilled),
        created_at=at,
        updated_at=at,
    )
    history.note(draft, EventKind.CREATED, by=by, at=at)
    db.session.add(draft)
    db.session.flush()
    return draft


def save(draft: ServiceRequest, changed: Mapping[str, Any], *, at: datetime) -> None:
    """Keep what was typed, right or wrong. ``changed`` replaces the fields it names."""
    _check_draft(draft)
    draft.input = (draft.input or {}) | dict(changed)
    draft.updated_at = at
    db.session.flush()


def discard(draft: ServiceRequest) -> None:
    """Deletes the draft and everything typed into it for good."""
    _check_draft(draft)
    for event in list(draft.history):
        db.session.delete(event)
    db.session.delete(draft)
    db.session.flush()


def submit(
    draft: ServiceRequest,
    definition: Definition,
    *,
    destination: Destination | None,
    by: Account,
    at: datetime,
) -> None:
    """Hand it over; from here on the authority has it. Submitting it again changes nothing.

    Raises IncompleteAnswersError, NotOnlineError or FullyBookedError and has then changed nothing.
    """
    if draft.status is not Status.DRAFT:
        return
    evaluation = evaluate(definition, draft.input or {}, today=clock.local_date(at))
    if not evaluation.is_complete:
        raise IncompleteAnswersError(evaluation.errors)
    if destination is None:
        raise NotOnlineError(definition.key)
    reserved = places.reserve(destination.offer, definition.limited) if definition.limited else None
    _address(draft, destination)
    _freeze(draft, evaluation.values, by=by)
    draft.reference = ids.new_reference(clock.local_date(at).year)
    draft.submitted_at = at
    history.move(draft, Status.SUBMITTED, EventKind.SUBMITTED, by=by, at=at)
    _receive(draft, at=at)
    index_names(draft, evaluation.values)
    if reserved is not None:
        places.allocate(draft, *reserved, at=at)
    db.session.flush()
    history.announce(events.RequestSubmitted, draft, by=by, at=at)
    history.announce(events.RequestReceived, draft, by=None, at=at)


def _receive(service_request: ServiceRequest, *, at: datetime) -> None:
    """Our own authorities read this very database: what is stored has arrived, at any hour (§ 130 BGB)."""
    service_request.received_at = at
    history.move(service_request, Status.RECEIVED, EventKind.RECEIVED, by=None, at=at)


def _address(draft: ServiceRequest, destination: Destination) -> None:
    draft.authority_id = destination.offer.authority_id
    draft.authority = destination.offer.authority
    draft.unit_id = destination.offer.unit_id
    draft.unit = destination.offer.unit
    draft.competence_reason = destination.reason


def _freeze(draft: ServiceRequest, values: Mapping[str, Any], *, by: Account) -> None:
    draft.answers = dict(values)
    draft.input = None
    draft.signer_account_id = by.id


def _check_draft(draft: ServiceRequest) -> None:
    if draft.status is not Status.DRAFT:
        raise ConflictError("it is submitted already")
