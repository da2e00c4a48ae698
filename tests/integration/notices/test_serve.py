"""An approved decision comes into the postbox once: whatever runs twice, whoever races."""

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db, unit_of_work
from servicekonto.core.ids import new_proof_code
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.files.typst_pdf import decision_pdf
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.worker import Worker
from servicekonto.notices import commands
from servicekonto.notices.documents import decision_data
from servicekonto.notices.tasks import SERVE_DECISION
from servicekonto.notifications.models import Mail
from servicekonto.postbox.models import Message
from servicekonto.service_requests.models import (
    EventKind,
    Outcome,
    RequestDocument,
    RequestEvent,
    ServiceRequest,
)
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.requests import (
    PDF,
    create_draft,
    create_service_request,
    put_birth_certificates_online,
    submit,
)
from tests.builders.town import PERSONAL_DATA
from tests.support.threads import at_the_same_time

REFUSED = (Outcome.REFUSED, Outcome.GRANTED_IN_PART)


def count(*conditions: sa.ColumnElement[bool], of: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(of).where(*conditions)) or 0


@pytest.mark.usefixtures("database")
def test_document_message_status_and_news_appear_together() -> None:
    citizen = create_account(values=PERSONAL_DATA)

    done = create_service_request(citizen, status=Status.NOTIFIED)

    message = db.session.scalars(sa.select(Message)).one()
    document = db.session.scalars(sa.select(RequestDocument)).one()
    news = db.session.scalars(sa.select(Mail).where(Mail.template == "news_in_postbox")).one()
    assert (message.account_id, message.document_kind) == (citizen.id, "decision")
    assert message.sender == "Magistrat der Stadt Hanau"
    assert str(done.reference) in str(message.body)
    assert document.data == PDF
    assert "Entscheidung" not in news.subject and str(done.reference) not in str(news.body)


@pytest.mark.usefixtures("database")
def test_serving_again_changes_nothing() -> None:
    done = create_service_request(status=Status.NOTIFIED)
    events = done.event_count

    commands.serve(done, b"%PDF another", code=new_proof_code(), at=SOME_DAY)

    assert (done.event_count, count(of=Message)) == (events, 1)
    assert db.session.scalars(sa.select(RequestDocument)).one().data == PDF


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("outcome", Outcome)
def test_who_does_not_get_everything_reads_what_to_do_about_it(outcome: Outcome) -> None:
    decided = create_service_request(status=Status.DECIDED, outcome=outcome)

    data = decision_data(decided)

    assert any("§ 49 Abs. 1 PStG" in paragraph for paragraph in data.remedy) is (outcome in REFUSED)
    assert data.contact_person == "Sabine Sorgfalt" and data.signed_by == "Martina Vierauge"
    assert decision_pdf(data).startswith(b"%PDF-")


def test_two_workers_and_a_repeated_job_serve_it_once(committed_app: Servicekonto) -> None:
    with committed_app.app_context(), scoped(SYSTEM):
        request_id = create_service_request(status=Status.DECIDED).id

    at_the_same_time(lambda _number: Worker(committed_app).run_until_idle(), times=3)
    with committed_app.app_context(), scoped(SYSTEM), unit_of_work():
        again = {"status": JobStatus.QUEUED, "done_at": None}
        db.session.execute(sa.update(Job).where(Job.kind == SERVE_DECISION).values(**again))
    Worker(committed_app).run_until_idle()

    with committed_app.app_context(), scoped(SYSTEM), unit_of_work(read_only=True):
        assert db.session.get_one(ServiceRequest, request_id).status is Status.NOTIFIED
        assert count(of=Message) == 1
        assert count(RequestDocument.kind == "decision", of=RequestDocument) == 1
        assert count(RequestEvent.kind == EventKind.NOTIFIED, of=RequestEvent) == 1
        assert count(Mail.template == "news_in_postbox", of=Mail) == 1
        assert count(Job.status != JobStatus.DONE, Job.kind == SERVE_DECISION, of=Job) == 0


def test_a_receipt_is_stored_once_even_when_worker_and_downloads_race(committed_app: Servicekonto) -> None:
    with committed_app.app_context(), scoped(SYSTEM):
        put_birth_certificates_online()
        account = create_account()
        request_id = submit(create_draft(account)).id
        token = sign_in(committed_app.test_client(), account)

    def act(number: int) -> bytes | None:
        if number == 0:
            Worker(committed_app).run_until_idle()
            return None
        client = committed_app.test_client()
        client.set_cookie("servicekonto", token, domain="localhost")
        answer = client.get(f"/antraege/{request_id}/dokumente/receipt")
        assert answer.status_code == 200
        return bytes(answer.data)

    downloads = {data for data in at_the_same_time(act, times=5) if data}

    with committed_app.app_context(), scoped(SYSTEM), unit_of_work(read_only=True):
        stored = db.session.scalars(sa.select(RequestDocument)).one()
        assert downloads == {stored.data}
        job = db.session.scalars(sa.select(Job).where(Job.kind == "make_receipt")).one()
        assert (job.status, job.attempts) == (JobStatus.DONE, 1)
