"""The same act on several requests, with a report for each."""

from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.postbox.models import Message
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.workbench import bulk
from servicekonto.workbench.models import BulkReport, BulkResult
from tests.builders.accounts import create_account, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.requests import CLOSED, Registry, create_registry, create_service_request
from tests.support.client import PageClient
from tests.support.page import Page


@pytest.fixture
def registry(database: None) -> Registry:
    return create_registry()


def chosen_page(client: PageClient, *requests: ServiceRequest, status: int = 200) -> Page:
    query = urlencode([("antrag", str(request.id)) for request in requests])
    return client.get(f"/behoerde/mehrere?{query}", status=status)


def results(report: BulkReport) -> dict[UUID, BulkResult]:
    return {UUID(request_id): BulkResult(result) for request_id, result in report.results.items()}


def test_boxes_in_the_inbox_lead_to_the_page_for_several(client: PageClient, registry: Registry) -> None:
    first, second, third = (create_service_request(registry=registry) for _ in range(3))
    sign_in(client, registry.clerk.account)
    form = client.get("/behoerde/?status=received").form("/mehrere")

    page = client.checked(form.submit(client, antrag=[str(first.id), str(third.id)]), 200)

    assert page.h1 == "2 Anträge ausgewählt"
    assert str(first.reference) in page.text and str(third.reference) in page.text
    assert str(second.reference) not in page.text
    assert page.select_one(".sk-breadcrumb a[href*=status]")["href"] == "/behoerde/?status=received"


def test_several_are_assigned_and_the_report_says_what_became_of_each(
    client: PageClient, registry: Registry
) -> None:
    received = create_service_request(registry=registry)
    taken = create_service_request(registry=registry, status=Status.IN_REVIEW)
    finished = create_service_request(registry=registry, status=Status.NOTIFIED)
    sign_in(client, registry.clerk.account)
    form = chosen_page(client, received, taken, finished).form("/zuweisen")

    report = client.follow(form.submit(client, assignee=str(registry.approver.id)))

    assert report.h1 == "Mehrere Anträge zugewiesen"
    assert "2 Anträge sind erledigt. 1 ging nicht." in report.text
    assert report.texts("tbody .kern-badge") == ["In diesem Stand nicht möglich", "Erledigt", "Erledigt"]
    assert str(finished.reference) in report.texts("tbody tr")[0]
    for request in (received, taken):
        db.session.refresh(request)
        assert request.assignee_id == registry.approver.id


def test_several_are_closed_and_everybody_is_told_why(client: PageClient, registry: Registry) -> None:
    people = [create_account() for _ in range(3)]
    requests = [create_service_request(person, registry=registry) for person in people]
    sign_in(client, registry.clerk.account)
    form = chosen_page(client, *requests).form("/abschliessen")

    report = client.follow(form.submit(client, reason=CLOSED))

    assert "3 Anträge sind erledigt." in report.text
    for person, request in zip(people, requests, strict=True):
        db.session.refresh(request)
        assert request.status is Status.CLOSED
        messages = db.session.query(Message).filter_by(account_id=person.id).all()
        assert any(CLOSED in (message.body or "") for message in messages)


def test_what_a_colleague_works_on_is_not_closed(registry: Registry) -> None:
    of_colleague = create_service_request(registry=registry, status=Status.IN_REVIEW)
    free = create_service_request(registry=registry)
    with unit_of_work():
        report = bulk.close([of_colleague.id, free.id], CLOSED, by=registry.approver, at=clock.now())

    assert results(report) == {of_colleague.id: BulkResult.NOT_YOURS, free.id: BulkResult.DONE}
    assert of_colleague.status is Status.IN_REVIEW
    assert EventKind.CLOSED not in {event.kind for event in of_colleague.history}


def test_sending_the_form_twice_does_it_once(client: PageClient, registry: Registry) -> None:
    request = create_service_request(registry=registry)
    sign_in(client, registry.clerk.account)
    form = chosen_page(client, request).form("/abschliessen")

    first, second = (form.submit(client, reason=CLOSED) for _ in range(2))

    assert first.location == second.location
    assert db.session.query(BulkReport).count() == 1


def test_requests_of_others_are_left_out_and_reported_as_gone(client: PageClient, registry: Registry) -> None:
    own = create_service_request(registry=registry)
    passports = create_staff_member(units=["passport_office"])
    sign_in(client, passports.account)
    assert chosen_page(client, own).h1 == "Nichts ausgewählt"

    with unit_of_work():
        report = bulk.assign([own.id, unknown := uuid4()], registry.clerk, by=passports, at=clock.now())
    assert results(report) == {own.id: BulkResult.GONE, unknown: BulkResult.GONE}
    assert own.assignee_id is None


def test_nothing_chosen_says_how_to_choose(client: PageClient, registry: Registry) -> None:
    sign_in(client, registry.clerk.account)

    page = chosen_page(client)

    assert page.h1 == "Nichts ausgewählt"
    assert page.has_link("Zum Eingang")


def test_a_missing_reason_keeps_what_was_chosen(client: PageClient, registry: Registry) -> None:
    requests = [create_service_request(registry=registry) for _ in range(2)]
    sign_in(client, registry.clerk.account)

    page = client.checked(
        chosen_page(client, *requests).form("/abschliessen").submit(client, reason="kurz"), 422
    )

    assert page.h1 == "2 Anträge ausgewählt"
    assert page.errors == {"reason": "Bitte schreiben Sie den Grund in mindestens einem Satz."}


@pytest.mark.parametrize("query", ["antrag=x", "&".join(f"antrag={uuid4()}" for _ in range(41))])
def test_what_no_page_of_ours_sends_is_422(client: PageClient, registry: Registry, query: str) -> None:
    sign_in(client, registry.clerk.account)

    client.get(f"/behoerde/mehrere?{query}", status=422)


def test_a_report_is_read_by_who_did_it(client: PageClient, registry: Registry) -> None:
    request = create_service_request(registry=registry)
    with unit_of_work():
        report = bulk.assign([request.id], registry.clerk, by=registry.clerk, at=clock.now())

    sign_in(client, registry.approver.account)
    client.get(f"/behoerde/mehrere/{report.id}", status=404)
    sign_in(client, registry.clerk.account)
    assert str(request.reference) in client.get(f"/behoerde/mehrere/{report.id}").text
