"""Withdrawing and closing: who may, until when, and who learns of it."""

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ConflictError, NotAllowedError
from servicekonto.notifications.models import Mail
from servicekonto.postbox.models import Message
from servicekonto.service_requests import labels
from servicekonto.service_requests.commands import closing
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.requests import Registry, create_registry, create_service_request
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")

UNDECIDED = (Status.RECEIVED, Status.IN_REVIEW, Status.DECISION_PROPOSED)
REASON = "Die Urkunde liegt Ihnen schon vor. Sie haben uns das am Telefon gesagt."


@pytest.fixture
def registry() -> Registry:
    return create_registry()


def mails() -> list[str]:
    return list(db.session.scalars(sa.select(Mail.template).order_by(Mail.id)))


def statuses(service_request: ServiceRequest) -> list[Status | None]:
    return [event.to_status for event in service_request.history]


@pytest.mark.parametrize("status", UNDECIDED)
def test_a_citizen_withdraws_until_the_decision_is_made(status: Status, registry: Registry) -> None:
    found = create_service_request(status=status, registry=registry)

    with unit_of_work():
        closing.withdraw(found, by=found.account, at=SOME_DAY)
        closing.withdraw(found, by=found.account, at=SOME_DAY)

    assert found.status is Status.WITHDRAWN
    assert [event.kind for event in found.history].count(EventKind.WITHDRAWN) == 1
    assert (found.history[-1].actor_id, found.history[-1].is_public) == (found.account_id, True)
    assert mails()[-1] == "request_withdrawn"


@pytest.mark.parametrize("status", [Status.DECIDED, Status.NOTIFIED])
def test_a_decision_cannot_be_withdrawn(status: Status, registry: Registry) -> None:
    found = create_service_request(status=status, registry=registry)
    before = found.event_count

    with pytest.raises(ConflictError):
        closing.withdraw(found, by=found.account, at=SOME_DAY)

    assert (found.status, found.event_count) == (status, before)


def test_withdrawing_asks_first_and_then_says_so_to_both_sides(
    client: PageClient, registry: Registry
) -> None:
    found = create_service_request(status=Status.IN_REVIEW, registry=registry)
    sign_in(client, found.account)

    page = client.get(client.get(f"/antraege/{found.id}").link("Antrag zurückziehen"))
    done = client.follow(page.form("/zurueckziehen").submit(client))

    assert page.h1 == "Antrag zurückziehen?"
    assert "Ihr Antrag ist zurückgezogen." in done.messages
    assert str(labels.STATUS[Status.WITHDRAWN].sentence) in done.text
    assert not done.has_link("Antrag zurückziehen")
    sign_in(client, registry.clerk.account)
    assert (
        "Die antragstellende Person hat den Antrag zurückgezogen"
        in client.get(f"/behoerde/antraege/{found.id}").text
    )
    assert str(found.reference) not in client.get("/behoerde/").text
    assert str(found.reference) in client.get("/behoerde/?status=abgeschlossen").text


def test_withdrawing_what_is_decided_is_a_conflict(client: PageClient, registry: Registry) -> None:
    found = create_service_request(status=Status.DECIDED, registry=registry)
    sign_in(client, found.account)

    assert not client.get(f"/antraege/{found.id}").has_link("Antrag zurückziehen")
    client.get(f"/antraege/{found.id}/zurueckziehen", status=409)


def test_a_stranger_cannot_even_ask(client: PageClient, registry: Registry) -> None:
    found = create_service_request(registry=registry)
    sign_in(client, create_account())

    client.get(f"/antraege/{found.id}/zurueckziehen", status=404)


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.IN_REVIEW])
def test_a_clerk_closes_and_the_citizen_reads_why(status: Status, registry: Registry) -> None:
    found = create_service_request(status=status, registry=registry)

    with unit_of_work():
        closing.close(found, reason=REASON, by=registry.clerk, at=SOME_DAY)

    message = db.session.scalars(sa.select(Message)).one()
    assert found.status is Status.CLOSED
    assert (message.account_id, message.body) == (found.account_id, REASON)
    assert mails()[-1] == "news_in_postbox"


def test_what_a_colleague_has_taken_is_not_closed_by_somebody_else(registry: Registry) -> None:
    found = create_service_request(status=Status.IN_REVIEW, registry=registry)

    with pytest.raises(NotAllowedError):
        closing.close(found, reason=REASON, by=registry.approver, at=SOME_DAY)


def test_closing_needs_a_reason_and_is_in_the_menu(client: PageClient, registry: Registry) -> None:
    found = create_service_request(status=Status.IN_REVIEW, registry=registry)
    sign_in(client, registry.clerk.account)
    page = client.get(client.get(f"/behoerde/antraege/{found.id}").link("Ohne Entscheidung abschließen"))

    refused = client.checked(page.form("/abschliessen").submit(client), 422)
    done = client.follow(page.form("/abschliessen").submit(client, reason=REASON))

    assert list(refused.errors) == ["reason"]
    assert "Der Antrag ist ohne Entscheidung abgeschlossen" in done.text
    sign_in(client, found.account)
    assert (
        "Die Behörde hat den Antrag ohne Entscheidung abgeschlossen"
        in client.get(f"/antraege/{found.id}").text
    )
