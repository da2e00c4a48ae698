"""Requests as the citizen reads them: sentences, a timeline, documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _

from servicekonto.authorities.models import Authority
from servicekonto.catalogue.definition import Definition, FeeQuote, SummaryPage, fees, summary
from servicekonto.catalogue.queries import definition_of
from servicekonto.core import clock
from servicekonto.core.db import db
from servicekonto.core.retention import draft_kept_until
from servicekonto.service_requests import conversation, labels, place_texts, places, queries
from servicekonto.service_requests.actions import Action, can
from servicekonto.service_requests.conversation_models import InformationRequest
from servicekonto.service_requests.information import questions_of
from servicekonto.service_requests.labels import StatusLabel
from servicekonto.service_requests.models import RequestDocument, RequestEvent, ServiceRequest
from servicekonto.service_requests.place_models import PlaceState
from servicekonto.service_requests.places import Place
from servicekonto.service_requests.status import FINISHED, Status
from servicekonto.web.i18n import show_date, show_datetime

RECEIPT = "receipt"
DECISION = "decision"


@dataclass(frozen=True)
class ListEntry:
    title: str
    preline: str
    text: str
    url: str
    group: str
    status: StatusLabel


def list_entry(service_request: ServiceRequest) -> ListEntry:
    label = labels.STATUS[service_request.status]
    is_draft = service_request.status is Status.DRAFT
    changed = show_datetime(service_request.updated_at)
    return ListEntry(
        title=str(definition_of(service_request.service_version).names.name),
        preline=service_request.reference or _("Entwurf"),
        text=_(
            "Zuletzt gespeichert am %(when)s. Wir löschen ihn am %(end)s, wenn Sie ihn nicht mehr ändern.",
            when=changed,
            end=show_date(draft_kept_until(service_request.updated_at)),
        )
        if is_draft
        else f"{service_request.authority.name}. {label.sentence}"
        if service_request.authority
        else str(label.sentence),
        url=url_for(
            "service_requests.resume" if is_draft else "service_requests.show", request_id=service_request.id
        ),
        group=label.group,
        status=label,
    )


@dataclass
class RequestContent:
    """What both sides see: the answers under the version that was filled in, and the fees of that day."""

    service_request: ServiceRequest

    @cached_property
    def definition(self) -> Definition:
        return definition_of(self.service_request.service_version)

    @property
    def answers(self) -> dict[str, Any]:
        return self.service_request.answers or {}

    @cached_property
    def sections(self) -> list[SummaryPage]:
        return summary(self.definition, self.answers)

    @property
    def first_received_at(self) -> datetime | None:
        return self.service_request.first_received_at or self.service_request.received_at

    @property
    def receipts(self) -> list[tuple[str, datetime | None]]:
        """When it arrived: once, or first and at the authority that has it now."""
        first, now = self.service_request.first_received_at, self.service_request.received_at
        if first is None:
            return [(_("Eingegangen am"), now)]
        return [(_("Zuerst eingegangen am"), first), (_("Bei dieser Behörde seit"), now)]

    @cached_property
    def fees(self) -> FeeQuote:
        day = clock.local_date(self.service_request.submitted_at or clock.now())
        return fees(self.definition, self.answers, today=day)

    @cached_property
    def place(self) -> Place | None:
        return places.place_of(self.service_request, self.definition)

    @property
    def place_tone(self) -> str:
        return place_texts.TONES[self.place.state] if self.place else ""

    @property
    def status(self) -> StatusLabel:
        return labels.STATUS[self.service_request.status]


class SubmittedContent(RequestContent):
    """As it was sent off, whatever was changed later."""

    @property
    def answers(self) -> dict[str, Any]:
        changed = (asked.before for asked in questions_of(self.service_request) if asked.answered_at)
        return next(changed, None) or self.service_request.answers or {}


class OwnRequestView(RequestContent):
    @property
    def place_sentence(self) -> str | None:
        return place_texts.for_owner(self.place) if self.place else None

    @property
    def can_withdraw(self) -> bool:
        return can(Action.WITHDRAW, self.service_request)

    @cached_property
    def waiting(self) -> InformationRequest | None:
        """The question of the authority that is not answered yet."""
        return next(
            (question for question in questions_of(self.service_request) if not question.ended_at), None
        )

    @cached_property
    def messages(self) -> list[conversation.Entry]:
        return conversation.for_citizen(self.service_request)

    @cached_property
    def timeline(self) -> list[dict[str, Any]]:
        entries = [_entry(event) for event in self.service_request.history if event.is_public]
        return entries + list(_still_to_come(self.service_request, self.place))

    @cached_property
    def documents(self) -> list[dict[str, Any]]:
        """The receipt can always be had: it is made on demand if the worker has not made it yet."""
        stored = {found.kind: found for found in queries.documents_of(self.service_request)}
        kinds = [RECEIPT, *(kind for kind in stored if kind != RECEIPT)]
        return [_document(self.service_request, kind, stored.get(kind)) for kind in kinds]

    @property
    def decision_text(self) -> str | None:
        decision = self.service_request.decision
        if decision is None or self.service_request.status is not Status.NOTIFIED:
            return None
        return str(labels.OUTCOMES[decision.outcome])


def _entry(event: RequestEvent) -> dict[str, Any]:
    return {
        "title": str(labels.EVENTS[event.kind]),
        "at": event.occurred_at,
        "state": "done",
        "text": detail_of(event),
    }


def detail_of(event: RequestEvent) -> str | None:
    return where_to(event) or place_texts.of_event(event)


def where_to(event: RequestEvent) -> str | None:
    """The name of the authority a request was sent on to."""
    key = event.payload.get("to_authority_id")
    found = db.session.get(Authority, UUID(key)) if key else None
    return found.name if found else None


def _still_to_come(service_request: ServiceRequest, place: Place | None) -> Iterable[dict[str, Any]]:
    if service_request.status in FINISHED:
        return
    if place is not None:  # that was the decision; nobody has to make another one
        if place.state is PlaceState.WAITING:
            yield {"title": _("Ein freier Platz kommt der Reihe nach zu Ihnen"), "state": "current"}
        return
    if service_request.status is Status.RECEIVED:
        yield {"title": _("Die Behörde prüft Ihren Antrag"), "state": "current"}
    elif service_request.status in {Status.IN_REVIEW, Status.DECISION_PROPOSED}:
        yield {"title": _("Ihr Antrag wird geprüft"), "state": "current"}
    elif service_request.status is Status.INFORMATION_REQUESTED:
        yield {"title": _("Die Behörde wartet auf Ihre Antwort"), "state": "current"}
    yield {"title": _("Die Entscheidung kommt in Ihr Postfach"), "state": "todo"}


def _document(service_request: ServiceRequest, kind: str, stored: RequestDocument | None) -> dict[str, Any]:
    return {
        "name": str(labels.DOCUMENTS[kind]),
        "url": url_for("service_requests.document", request_id=service_request.id, kind=kind),
        "kind": "PDF",
        "size": f"{max(1, round(stored.size / 1024))} kB" if stored else None,
        "proof_code": stored.proof_code if stored else None,
    }
