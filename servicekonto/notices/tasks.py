"""An approved decision becomes a document in the postbox of the citizen."""

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.events import react_to
from servicekonto.files.typst_pdf import decision_pdf
from servicekonto.jobs.queue import JobContext, enqueue
from servicekonto.jobs.registry import handler
from servicekonto.notices.commands import serve
from servicekonto.notices.documents import decision_data
from servicekonto.service_requests.events import DecisionApproved
from servicekonto.service_requests.models import ServiceRequest

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
        serve(service_request, pdf, code=data.verification.code, at=clock.now())
        job.finish(at=clock.now())
