"""Deferred work: the receipt is made and stored by a worker, unless somebody asked for it earlier."""

from servicekonto.authorities.events import StaffMemberDeactivated
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.events import react_to
from servicekonto.files.typst_pdf import receipt_pdf
from servicekonto.jobs.queue import JobContext, enqueue
from servicekonto.jobs.registry import handler
from servicekonto.service_requests import queries
from servicekonto.service_requests.commands.staffing import release_requests
from servicekonto.service_requests.events import RequestSubmitted
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.presentation import RECEIPT
from servicekonto.service_requests.receipts import receipt_data, store_receipt

MAKE_RECEIPT = "make_receipt"


def register() -> None:
    react_to(RequestSubmitted, _enqueue_receipt)
    react_to(StaffMemberDeactivated, release_requests)


def _enqueue_receipt(event: RequestSubmitted) -> None:
    enqueue(MAKE_RECEIPT, payload={"service_request_id": event.subject_id}, at=event.occurred_at)


@handler(MAKE_RECEIPT, own_units_of_work=True)
def make_receipt(job: JobContext) -> None:
    with unit_of_work(read_only=True):
        service_request = db.session.get_one(ServiceRequest, job.uuid("service_request_id"))
        is_there = queries.document(service_request, RECEIPT) is not None
        data, answers = receipt_data(service_request)
    pdf = b"" if is_there else receipt_pdf(data, answers=answers)
    with unit_of_work():
        # Somebody may be fetching it right now, and then makes it too.
        service_request = db.session.get_one(
            ServiceRequest, job.uuid("service_request_id"), with_for_update={"of": ServiceRequest}
        )
        if not is_there:
            store_receipt(service_request, pdf, data, at=clock.now())
        job.finish(at=clock.now())
