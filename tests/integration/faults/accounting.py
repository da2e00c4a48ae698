"""People with forms open, and the books afterwards: what was acknowledged is there, once."""

from collections import Counter
from uuid import UUID

import sqlalchemy as sa

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.worker import Worker
from servicekonto.service_requests.commands import information
from servicekonto.service_requests.conversation_models import InformationRequest
from servicekonto.service_requests.information import AnswerSheet
from servicekonto.service_requests.models import EventKind, RequestEvent, ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account
from tests.builders.requests import create_draft, create_registry, create_service_request
from tests.integration.operations.restoring import flask, inside
from tests.support.mail_server import Received
from tests.support.processes import Person, Processes, at_a_form

COPIES = "2"
WORK_OF_PEOPLE = ("make_receipt", "send_mail")


def prepare(app: Servicekonto, *, drafts: int, questions: int) -> list[Person]:
    """Everybody has a complete draft, or an answer, ready to be sent. Shuffled, and the same in every run."""
    people = []
    with inside(app):
        registry = create_registry()
        for _ in range(drafts):
            account = create_account()
            draft = create_draft(account, at=clock.now())
            address = f"/antraege/{draft.id}"
            people.append(at_a_form(app, account, f"{address}/pruefen", f"{address}/einreichen"))
        for _ in range(questions):
            account = create_account()
            found = create_service_request(account, status=Status.INFORMATION_REQUESTED, registry=registry)
            address = f"/antraege/{found.id}/rueckfrage/{save_answer(found)}"
            people.append(at_a_form(app, account, address, f"{address}/senden"))
    Worker(app).run_until_idle()  # without a mail server: these mails are not counted
    step = next(step for step in (7, 11, 13) if len(people) % step)
    return [people[number * step % len(people)] for number in range(len(people))]


def save_answer(found: ServiceRequest) -> UUID:
    """Typed, but not sent. Returns the id of the question."""
    question = db.session.scalars(
        sa.select(InformationRequest).where(InformationRequest.service_request_id == found.id)
    ).one()
    sheet = AnswerSheet(question)
    sheet.read({"copies_certificate": [COPIES]}, "next")
    with unit_of_work():
        information.save(sheet, at=clock.now())
    return question.id


def is_done(app: Servicekonto) -> bool:
    with inside(app), unit_of_work(read_only=True):
        waiting = sa.select(sa.func.count()).where(Job.kind.in_(WORK_OF_PEOPLE), Job.status != JobStatus.DONE)
        return not db.session.scalar(waiting)


def is_done_without_waiting(app: Servicekonto) -> bool:
    make_leases_end(app)
    return is_done(app)


def make_leases_end(app: Servicekonto) -> None:
    """Instead of waiting minutes for those of a dead worker, and for the pause after a failure."""
    with inside(app), unit_of_work():
        held = sa.update(Job).where(Job.status == JobStatus.QUEUED, Job.kind.in_(WORK_OF_PEOPLE))
        now = clock.now()
        db.session.execute(
            held.where(Job.lease_until.is_not(None)).values(lease_until=now),
            execution_options={"synchronize_session": False},
        )
        db.session.execute(
            held.where(Job.run_at > now).values(run_at=now), execution_options={"synchronize_session": False}
        )


def assert_everybody_can_find_out(processes: Processes, people: list[Person]) -> None:
    """Acknowledged: it is known. Not answered: either it is known, or the form may be sent again."""
    for person in people:
        known = person.what_became_of_it(processes)
        assert known is not None
        assert known.status in ({303} if person.is_acknowledged else {303, 404})
        if known.status == 404:
            again = person.send(processes)
            assert again is not None and again.status == 303, again
    assert all(person.what_became_of_it(processes).status == 303 for person in people)  # type: ignore[union-attr]


def assert_books_balance(app: Servicekonto, people: list[Person]) -> None:
    """Each act once in the history, references unique, and fsck finds nothing."""
    with inside(app), unit_of_work(read_only=True):
        done: Counter[UUID] = Counter()
        kinds = {EventKind.SUBMITTED: "einreichen", EventKind.INFORMATION_PROVIDED: "senden"}
        for kind, last_part in kinds.items():
            ids = _ids(people, last_part)
            events = sa.select(RequestEvent.service_request_id).where(RequestEvent.kind == kind)
            done.update(found for found in db.session.scalars(events) if found in ids)
        assert len(done) == len(people)
        assert set(done.values()) == {1}
        answered = [db.session.get_one(ServiceRequest, found) for found in _ids(people, "senden")]
        assert {found.answers["copies_certificate"] for found in answered if found.answers} <= {COPIES, 2}
        references = db.session.scalars(
            sa.select(ServiceRequest.reference).where(ServiceRequest.reference.is_not(None))
        ).all()
        assert len(references) == len(set(references))
        assert not db.session.scalar(sa.select(sa.func.count()).where(Job.status == JobStatus.DEAD))
    assert "All rules hold" in flask(app, "fsck", "--all")


def _ids(people: list[Person], last_part: str) -> set[UUID]:
    """The requests that are about sending this form."""
    return {UUID(person.form.split("/")[2]) for person in people if person.form.endswith(last_part)}


def assert_each_mail_once(received: Received, *, expected: int, again: int) -> None:
    """``again``: how often a worker may have died after the server's yes. Such a mail has the same id."""
    mails = [message for message in received.messages if "Antrag" in message["Subject"]]
    ids = Counter(message["Message-ID"] for message in mails)
    assert len(ids) == expected
    assert len(mails) - len(ids) <= again
    assert len({message["To"] for message in mails}) == expected
