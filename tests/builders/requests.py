"""Orders of a birth certificate by invented people, carried to any status by the real commands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.authorities import queries as authorities
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue.commands import put_online
from servicekonto.catalogue.definition import Definition, resolve_places
from servicekonto.catalogue.queries import published_service
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.ids import new_id, new_proof_code, new_reference
from servicekonto.notices import commands as notices
from servicekonto.service_requests.commands import closing, decisions, drafts, information, processing
from servicekonto.service_requests.destinations import responsibility
from servicekonto.service_requests.form import DraftForm, place_finder
from servicekonto.service_requests.models import Outcome, ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import SOME_DAY, create_account
from tests.builders.authorities import create_staff_member

SERVICE = "geburtsurkunde"
REASONS = "Der Eintrag wurde gefunden.\n\nDie Urkunde kommt mit der Post."
CLOSED = "Die Urkunde liegt Ihnen schon vor. Der Antrag hat sich damit erledigt."
ASKED = {"copies_certificate": "Wie viele Urkunden brauchen Sie?"}
PDF = b"%PDF-1.7 invented"


@dataclass(frozen=True)
class Registry:
    """The registry office of a place, online for birth certificates."""

    clerk: StaffMember
    approver: StaffMember


def create_registry(authority: str = "hanau") -> Registry:
    put_birth_certificates_online(authority)
    return Registry(
        clerk=create_staff_member(authority=authority, display_name="Sabine Sorgfalt"),
        approver=create_staff_member(
            authority=authority, roles=[Role.APPROVER], display_name="Martina Vierauge"
        ),
    )


def put_birth_certificates_online(authority: str = "hanau") -> None:
    with unit_of_work():
        found = authorities.get_authority(authority)
        unit = authorities.get_unit(found, "registry_office")
        put_online(SERVICE, found, unit, from_day=SOME_DAY.date() - timedelta(days=365), by=None, at=SOME_DAY)


def complete_answers(**changes: Any) -> dict[str, Any]:
    """What a person types who orders their own birth certificate."""
    applicant = {
        "given_names": "Jörg Ömer",
        "family_name": "Müßig-Groß",
        "birth_date": {"day": "12", "month": "8", "year": "1983"},
        "email": "joerg@example.org",
    }
    address = {
        "street": "Erfundener Weg",
        "house_number": "7",
        "postcode": "63450",
        "place": "Hanau",
        "country": "DE",
    }
    return {
        "relation": "self",
        "applicant": applicant,
        "birth_place": {"text": "Hanau"},
        "copies_certificate": "1",
        "parent_words": "mother_father",
        "purpose": "marriage",
        "delivery_address": address,
        "correct": "yes",
        "privacy": "yes",
    } | changes


def create_draft(
    account: Account | None = None, *, answers: dict[str, Any] | None = None, at: datetime = SOME_DAY
) -> ServiceRequest:
    """Filled in completely unless ``answers`` says otherwise."""
    account = account or create_account()
    with unit_of_work():
        service = published_service(SERVICE, clock.local_date(at))
        draft = drafts.start(
            service.definition, service_version_id=service.version_id, prefilled={}, by=account, at=at
        )
        typed = complete_answers() if answers is None else answers
        drafts.save(draft, with_places(service.definition, typed, at), at=at)
    return draft


def with_places(definition: Definition, typed: dict[str, Any], at: datetime) -> dict[str, Any]:
    """As the pages store it: the place with its key."""
    find = place_finder(definition.competence.rule, clock.local_date(at))
    for page in definition.pages:
        known = {field.id: typed[field.id] for field in page.fields if field.id in typed}
        typed = typed | dict(resolve_places(page, known, find).input)
    return typed


def submit(draft: ServiceRequest, *, at: datetime = SOME_DAY) -> ServiceRequest:
    with unit_of_work():
        form = DraftForm(draft, clock.local_date(at))
        found = responsibility(form.definition, form.evaluation.values, on=form.today)
        destination = found.destination if found else None
        drafts.submit(draft, form.definition, destination=destination, by=draft.account, at=at)
    return draft


def create_service_request(
    account: Account | None = None,
    *,
    status: Status = Status.RECEIVED,
    registry: Registry | None = None,
    outcome: Outcome = Outcome.GRANTED,
    answers: dict[str, Any] | None = None,
    at: datetime = SOME_DAY,
) -> ServiceRequest:
    """Needs a ``registry`` for everything after the receipt; without one Hanau's is put online."""
    if registry is None:
        registry = create_registry()
    service_request = submit(create_draft(account, answers=answers, at=at), at=at)
    with unit_of_work():
        for step in _STEPS_TO[status]:
            step(service_request, registry, outcome, at)
    return service_request


def _take(service_request: ServiceRequest, registry: Registry, _outcome: Outcome, at: datetime) -> None:
    processing.take(service_request, by=registry.clerk, at=at + timedelta(minutes=1))


def _propose(service_request: ServiceRequest, registry: Registry, outcome: Outcome, at: datetime) -> None:
    decisions.propose(
        service_request, outcome=outcome, reasons=REASONS, by=registry.clerk, at=at + timedelta(minutes=2)
    )


def _approve(service_request: ServiceRequest, registry: Registry, _outcome: Outcome, at: datetime) -> None:
    decisions.approve(service_request, by=registry.approver, at=at + timedelta(minutes=3))


def _serve(service_request: ServiceRequest, _registry: Registry, _outcome: Outcome, at: datetime) -> None:
    notices.serve(service_request, PDF, code=new_proof_code(), at=at + timedelta(minutes=4))


def _ask(service_request: ServiceRequest, registry: Registry, _outcome: Outcome, at: datetime) -> None:
    information.ask(service_request, ASKED, "Bitte helfen Sie uns.", by=registry.clerk, at=at)


def _withdraw(service_request: ServiceRequest, _registry: Registry, _outcome: Outcome, at: datetime) -> None:
    closing.withdraw(service_request, by=service_request.account, at=at + timedelta(minutes=5))


def _close(service_request: ServiceRequest, registry: Registry, _outcome: Outcome, at: datetime) -> None:
    closing.close(service_request, reason=CLOSED, by=registry.clerk, at=at + timedelta(minutes=5))


ORDER = (Status.RECEIVED, Status.IN_REVIEW, Status.DECISION_PROPOSED, Status.DECIDED, Status.NOTIFIED)
_STEPS = (_take, _propose, _approve, _serve)
_STEPS_TO = {status: _STEPS[:number] for number, status in enumerate(ORDER)} | {
    Status.INFORMATION_REQUESTED: (_take, _ask),
    Status.WITHDRAWN: (_withdraw,),
    Status.CLOSED: (_take, _close),
}


def create_copies(original: ServiceRequest, number: int) -> list[UUID]:
    """Rows beside the original, seven of one moment each; their sealed columns are empty. Fast."""
    columns = {column.name: getattr(original, column.name) for column in ServiceRequest.__table__.columns}
    sealed = dict.fromkeys(name for name in columns if name.endswith("_sealed") or name == "wrapped_key")
    year = clock.local_date(original.updated_at).year
    rows = []
    for position in range(number):
        at = original.updated_at + timedelta(minutes=1 + position // 7)
        own = {"id": new_id(), "case_id": uuid4(), "updated_at": at}
        if original.reference is not None:
            own |= {"reference": new_reference(year), "received_at": at}
        rows.append(columns | sealed | own)
    with unit_of_work():
        db.session.execute(sa.insert(ServiceRequest), rows)
    return [row["id"] for row in rows]
