"""The authority asks about single answers, the citizen gives exactly those, the clerk sees old and new."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ConflictError, InvalidInputError, NotAllowedError
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.notifications.models import Mail
from servicekonto.postbox.models import Message
from servicekonto.service_requests import inbox, queries
from servicekonto.service_requests.commands import closing, information
from servicekonto.service_requests.commands.drafts import IncompleteAnswersError
from servicekonto.service_requests.conversation_models import InformationRequest
from servicekonto.service_requests.inbox import InboxFilter
from servicekonto.service_requests.information import AnswerSheet, changes_of, what_can_be_asked
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.requests import Registry, create_registry, create_service_request
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")

NAME, COPIES, RELATION = "applicant.family_name", "copies_certificate", "relation"
REASONS = {NAME: "Im Register steht ein anderer Name.", COPIES: "Wie viele brauchen Sie?"}
TEXT = "Wir haben Ihren Eintrag noch nicht gefunden."


@pytest.fixture
def registry() -> Registry:
    return create_registry()


@pytest.fixture
def running(registry: Registry) -> ServiceRequest:
    return create_service_request(status=Status.IN_REVIEW, registry=registry)


def asked(
    running: ServiceRequest, registry: Registry, reasons: dict[str, str] | None = None
) -> InformationRequest:
    with unit_of_work():
        return information.ask(running, reasons or REASONS, TEXT, by=registry.clerk, at=SOME_DAY)


def filled(question: InformationRequest, **typed: str) -> AnswerSheet:
    """Names of the inputs with "__" for "."."""
    sheet = AnswerSheet(question)
    sheet.read({name.replace("__", "."): [text] for name, text in typed.items()}, "next")
    return sheet


def test_asking_puts_a_message_with_all_reasons_into_the_postbox(
    running: ServiceRequest, registry: Registry
) -> None:
    asked(running, registry)

    message = db.session.scalars(sa.select(Message)).one()
    assert running.status is Status.INFORMATION_REQUESTED
    for text in (TEXT, "Familienname: Im Register steht ein anderer Name.", REASONS[COPIES]):
        assert text in (message.body or "")
    assert db.session.scalars(sa.select(Mail.template).order_by(Mail.id)).all()[-1] == "news_in_postbox"


@pytest.mark.parametrize("path", ["represented_name", "applicant", "correct", "nothing", "other.person"])
def test_only_fields_that_this_request_shows_can_be_asked(
    path: str, running: ServiceRequest, registry: Registry
) -> None:
    with pytest.raises(InvalidInputError):
        information.ask(running, {path: "Warum nicht?"}, TEXT, by=registry.clerk, at=SOME_DAY)

    assert running.status is Status.IN_REVIEW


def test_every_field_that_can_be_asked_is_shown_and_keeps_its_answer(
    running: ServiceRequest, registry: Registry
) -> None:
    questions = what_can_be_asked(running)
    question = asked(running, registry, {question.path: "Bitte prüfen." for question in questions})
    sheet = AnswerSheet(question)

    assert len(questions) > 10
    assert len(sheet.fields) == len(questions)
    assert sheet.changes == []
    assert sheet.errors == []


def test_only_the_person_whose_name_is_on_it_asks_and_only_once(
    running: ServiceRequest, registry: Registry
) -> None:
    with pytest.raises(NotAllowedError):
        information.ask(running, REASONS, TEXT, by=registry.approver, at=SOME_DAY)
    asked(running, registry)
    with pytest.raises(ConflictError):
        information.ask(running, REASONS, TEXT, by=registry.clerk, at=SOME_DAY)


def test_nothing_but_what_was_asked_can_be_changed(running: ServiceRequest, registry: Registry) -> None:
    question = asked(running, registry)
    with unit_of_work():
        sheet = filled(question, applicant__family_name="Gabler", applicant__given_names="Mallory")
        information.answer(sheet, by=running.account, at=SOME_DAY)

    answers = running.answers or {}
    assert answers["applicant"]["family_name"] == "Gabler"
    assert answers["applicant"]["given_names"] == "Jörg Ömer"


def test_old_and_new_answers_stay_sealed_with_the_question(
    running: ServiceRequest, registry: Registry
) -> None:
    question = asked(running, registry)
    before = running.answers
    with unit_of_work():
        sheet = filled(question, applicant__family_name="Gabler", copies_certificate="2")
        information.answer(sheet, by=running.account, at=SOME_DAY)
        information.answer(sheet, by=running.account, at=SOME_DAY)

    found = {change.path: (change.old, change.new) for change in changes_of(question)}
    kinds = [event.kind for event in running.history]
    assert running.status is Status.IN_REVIEW
    assert found[NAME] == (("Müßig-Groß",), ("Gabler",))
    assert set(found) == {NAME, COPIES}
    assert (question.before, question.after) == (before, running.answers)
    assert b"Gabler" not in (question.after_sealed or b"")
    assert kinds.count(EventKind.INFORMATION_PROVIDED) == 1
    assert running.unread_count == 1
    assert all("Gabler" not in str(event.payload) for event in running.history)


def test_the_new_name_is_found_and_the_old_one_no_more(running: ServiceRequest, registry: Registry) -> None:
    question = asked(running, registry)
    with unit_of_work():
        information.answer(filled(question, applicant__family_name="Gabler"), by=running.account, at=SOME_DAY)

    def found(name: str) -> int:
        return len(inbox.page(registry.clerk, InboxFilter(search=name)).requests)

    assert (found("Gabler"), found("Müßig-Groß")) == (1, 0)
    assert running.applicant_name == "Jörg Ömer Gabler"


def test_a_wrong_answer_is_kept_but_not_sent(running: ServiceRequest, registry: Registry) -> None:
    question = asked(running, registry)
    with unit_of_work():
        sheet = filled(question, applicant__family_name="", copies_certificate="viele")
        information.save(sheet, at=SOME_DAY)

    with pytest.raises(IncompleteAnswersError):
        information.answer(AnswerSheet(question), by=running.account, at=SOME_DAY)

    assert {error.path for error in AnswerSheet(question).errors} == {NAME, COPIES}
    assert running.status is Status.INFORMATION_REQUESTED


def test_an_answer_that_needs_further_ones_shows_them_too(
    running: ServiceRequest, registry: Registry
) -> None:
    question = asked(running, registry, {RELATION: "Um wen geht es?"})

    sheet = filled(question, relation="other")

    assert sheet.errors
    assert {asked.reason for asked in sheet.fields} == {"Um wen geht es?", ""}
    assert not any(error.path.startswith("applicant") for error in sheet.errors)


def test_a_question_is_over_when_the_request_is_withdrawn_or_goes_on_without(
    running: ServiceRequest, registry: Registry
) -> None:
    first = asked(running, registry)
    with unit_of_work():
        information.resume(running, by=registry.clerk, at=SOME_DAY)
    second = asked(running, registry)
    with unit_of_work():
        closing.withdraw(running, by=running.account, at=SOME_DAY)

    for question in (first, second):
        db.session.refresh(question)
        with pytest.raises(ConflictError):
            information.answer(AnswerSheet(question), by=running.account, at=SOME_DAY)


def test_the_whole_way_through_the_pages(
    client: PageClient, running: ServiceRequest, registry: Registry
) -> None:
    sign_in(client, registry.clerk.account)
    page = client.get(client.get(f"/behoerde/antraege/{running.id}").link("Rückfrage stellen"))
    nothing = client.checked(page.form("/rueckfrage").submit(client, body=""), 422)
    typed = {f"grund.{path}": reason for path, reason in REASONS.items()} | {"body": TEXT}
    waiting = client.follow(page.form("/rueckfrage").submit(client, typed))
    sign_in(client, running.account)
    page = client.get(client.get(f"/antraege/{running.id}").link("Jetzt antworten"))
    wrong = client.checked(page.form(0).submit(client, {NAME: ""}), 422)
    check = client.follow(wrong.form(0).submit(client, {NAME: "Gabler"}))
    done = client.follow(check.form("/senden").submit(client))
    sign_in(client, registry.clerk.account)
    seen = client.get(f"/behoerde/antraege/{running.id}")

    assert len(nothing.select(".sk-error-summary li")) == 2
    assert "noch nicht beantwortet" in waiting.text
    shown = {str(tag["name"]) for tag in page.select("main form [name]")} - {"action", "csrf_token"}
    assert shown == {NAME, COPIES}
    assert REASONS[NAME] in page.text
    assert list(wrong.errors) == ["applicant-family_name"]
    assert "Müßig-Groß" in check.text
    assert "Ihre Antwort ist bei der Behörde. Sie müssen nichts weiter tun." in done.messages
    assert not done.has_link("Jetzt antworten")
    assert seen.texts("section[aria-labelledby=antworten] s") == ["Müßig-Groß"]
    assert "Geändert" in seen.text


def test_answering_again_leads_to_the_request(
    client: PageClient, running: ServiceRequest, registry: Registry
) -> None:
    question = asked(running, registry)
    sign_in(client, running.account)
    address = f"/antraege/{running.id}/rueckfrage/{question.id}"
    first, second = client.get(f"{address}/pruefen"), client.get(f"{address}/pruefen")

    client.follow(first.form("/senden").submit(client))
    again = client.follow(second.form("/senden").submit(client))

    assert "Sie haben diese Rückfrage schon beantwortet." in again.messages
    assert client.follow(client.client.get(address)).h1 == again.h1


def test_a_stranger_cannot_answer(client: PageClient, running: ServiceRequest, registry: Registry) -> None:
    question = asked(running, registry)
    sign_in(client, create_account())

    client.get(f"/antraege/{running.id}/rueckfrage/{question.id}", status=404)


class TestAtTheSameTime:
    """Real commits, real threads."""

    @pytest.fixture(autouse=True)
    def database(self) -> None:
        """Each test has a database of its own."""

    def test_of_many_answers_one_counts(self, committed_app: Servicekonto) -> None:
        with committed_app.app_context(), scoped(SYSTEM):
            registry = create_registry()
            running = create_service_request(status=Status.IN_REVIEW, registry=registry)
            question_id, request_id, account = asked(running, registry).id, running.id, running.account
        start = threading.Barrier(6)

        def answer(number: int) -> None:
            with committed_app.app_context(), scoped(SYSTEM):
                start.wait()
                with unit_of_work():
                    queries.get_sent(request_id, account, for_update=True)
                    question = db.session.get_one(InformationRequest, question_id)
                    sheet = filled(question, applicant__family_name=f"Gabler {'ABCDEF'[number]}")
                    information.answer(sheet, by=account, at=SOME_DAY)

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(answer, range(6)))

        with committed_app.app_context(), scoped(SYSTEM):
            question = db.session.get_one(InformationRequest, question_id)
            found = db.session.get_one(ServiceRequest, request_id)
            assert found.answers == question.after
            assert [event.kind for event in found.history].count(EventKind.INFORMATION_PROVIDED) == 1
            assert found.unread_count == 1
