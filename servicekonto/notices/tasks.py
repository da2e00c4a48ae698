"""An approved decision becomes a document in the postbox of the citizen."""

from flask_babel import gettext as _

from servicekonto.accounts.models import Account
from servicekonto.accounts.queries import attribute_values, display_name
from servicekonto.authorities.queries import names_of_accounts
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.events import react_to
from servicekonto.files.documents import DecisionData
from servicekonto.files.typst_pdf import decision_pdf
from servicekonto.jobs.queue import JobContext, enqueue
from servicekonto.jobs.registry import handler
from servicekonto.notices.remedies import remedy
from servicekonto.postbox import commands as postbox
from servicekonto.service_requests import labels
from servicekonto.service_requests.commands.decisions import mark_notified
from servicekonto.service_requests.events import DecisionApproved
from servicekonto.service_requests.models import Outcome, ServiceRequest
from servicekonto.service_requests.presentation import DECISION, RequestContent
from servicekonto.service_requests.receipts import demo_notice, fee_part, office_of, store
from servicekonto.service_requests.status import Status
from servicekonto.web.i18n import show_date

SERVE_DECISION = "serve_decision"


def register() -> None:
    react_to(DecisionApproved, _enqueue)


def _enqueue(event: DecisionApproved) -> None:
    enqueue(
        SERVE_DECISION,
        payload={"service_request_id": event.subject_id},
        at=event.occurred_at,
        key=f"{SERVE_DECISION}:{event.subject_id}",
    )


@handler(SERVE_DECISION, own_units_of_work=True)
def serve_decision(job: JobContext) -> None:
    """Document, message and status appear together or not at all; running again changes nothing."""
    with unit_of_work(read_only=True):
        data = decision_data(db.session.get_one(ServiceRequest, job.uuid("service_request_id")))
    pdf = decision_pdf(data)
    with unit_of_work():
        service_request = db.session.get_one(
            ServiceRequest, job.uuid("service_request_id"), with_for_update={"of": ServiceRequest}
        )
        if service_request.status is Status.DECIDED:
            _serve(service_request, pdf)
        job.finish(at=clock.now())


def decision_data(service_request: ServiceRequest) -> DecisionData:
    content = RequestContent(service_request)
    decision, authority, unit = service_request.decision, service_request.authority, service_request.unit
    if decision is None or decision.approved_at is None or authority is None or unit is None:
        raise ValueError("not decided")
    names = names_of_accounts({decision.proposed_by_id, decision.approved_by_id})
    refused = decision.outcome in {Outcome.REFUSED, Outcome.GRANTED_IN_PART}
    return DecisionData(
        at=decision.approved_at,
        service=str(content.definition.names.name),
        issuer=authority.name,
        demo_notice=demo_notice(),
        office=office_of(authority, unit),
        addressee=_addressee(service_request.account),
        title=_("Entscheidung über Ihren Antrag"),
        reference=str(service_request.reference),
        date=show_date(decision.approved_at),
        received_at=show_date(service_request.received_at or decision.approved_at),
        contact_person=names.get(decision.proposed_by_id),
        outcome=str(labels.OUTCOMES[decision.outcome]),
        reasons=tuple(part.strip() for part in (decision.reasons or "").split("\n\n") if part.strip()),
        remedy=remedy(content.definition.remedy, authority) if refused else (),
        signed_by=names.get(decision.approved_by_id, authority.name),
        **(fee_part(content.fees) if not refused else {}),
    )


def _serve(service_request: ServiceRequest, pdf: bytes) -> None:
    at = clock.now()
    name = f"Entscheidung-{service_request.reference}.pdf"
    store(service_request, DECISION, pdf, file_name=name, at=at)
    definition = RequestContent(service_request).definition
    authority = service_request.authority
    assert authority is not None  # noqa: S101 - a decided request has one
    postbox.provide(
        account_id=service_request.account_id,
        sender=authority,
        service_request_id=service_request.id,
        subject=_("Entscheidung: %(service)s", service=definition.names.name),
        body=_(
            "die Behörde hat über Ihren Antrag mit dem Aktenzeichen %(reference)s entschieden.\n\n"
            "Die Entscheidung finden Sie hier als Dokument.",
            reference=service_request.reference,
        ),
        document_kind=DECISION,
        at=at,
    )
    mark_notified(service_request, at=at)


def _addressee(account: Account) -> tuple[str, ...]:
    address = attribute_values(account).get("address") or {}
    street = " ".join(filter(None, (address.get("street"), address.get("house_number"))))
    place = " ".join(filter(None, (address.get("postcode"), address.get("place"))))
    return tuple(line for line in (display_name(account), street, place) if line)
