"""Sent on to the competent authority: who sees it, what is kept, what the citizen learns."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.authorities import queries as authorities
from servicekonto.catalogue.models import Offer
from servicekonto.catalogue.queries import offer_of
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ConflictError, NotAllowedError, NotFoundError
from servicekonto.notifications.models import Mail
from servicekonto.postbox.models import Message
from servicekonto.service_requests import conversation as conversation_queries
from servicekonto.service_requests import inbox, queries
from servicekonto.service_requests.commands import conversation, decisions, forwarding, processing
from servicekonto.service_requests.inbox import InboxFilter
from servicekonto.service_requests.models import Decision, EventKind, Outcome, ServiceRequest
from servicekonto.service_requests.receipts import receipt_data
from servicekonto.service_requests.status import Status
from tests.builders.accounts import SOME_DAY, sign_in
from tests.builders.requests import REASONS, SERVICE, Registry, create_registry, create_service_request
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")

WHY = "Sie sind in Gelnhausen geboren. Dort liegt das Register."
LATER = SOME_DAY + timedelta(days=3)


@pytest.fixture
def hanau() -> Registry:
    return create_registry()


@pytest.fixture
def gelnhausen() -> Registry:
    return create_registry("gelnhausen")


def offer(authority: str) -> Offer:
    found = offer_of(SERVICE, authorities.get_authority(authority).id, SOME_DAY.date())
    assert found is not None
    return found


def send(found: ServiceRequest, to: str, registry: Registry) -> None:
    with unit_of_work():
        forwarding.forward(found, offer(to), reason=WHY, by=registry.clerk, at=LATER)


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.IN_REVIEW])
def test_it_starts_anew_at_the_other_authority_and_both_dates_are_kept(
    status: Status, hanau: Registry, gelnhausen: Registry
) -> None:
    found = create_service_request(status=status, registry=hanau)

    send(found, "gelnhausen", hanau)

    assert (found.status, found.assignee_id) == (Status.RECEIVED, None)
    assert (found.first_received_at, found.received_at) == (SOME_DAY, LATER)
    assert found.authority_id == gelnhausen.clerk.authority_id
    assert found.history[-1].kind is EventKind.FORWARDED
    assert queries.get_for_staff(found.id, gelnhausen.clerk) is found
    with pytest.raises(NotFoundError):
        queries.get_for_staff(found.id, hanau.clerk)


def test_the_citizen_reads_where_it_is_and_why(hanau: Registry, gelnhausen: Registry) -> None:
    found = create_service_request(registry=hanau)

    send(found, "gelnhausen", hanau)

    message = db.session.scalars(sa.select(Message)).one()
    assert WHY in (message.body or "")
    assert gelnhausen.clerk.authority.name in (message.body or "")
    assert message.sender == hanau.clerk.authority.name
    assert db.session.scalars(sa.select(Mail.template).order_by(Mail.id)).all()[-1] == "news_in_postbox"


def test_there_and_back_again_keeps_the_first_receipt(hanau: Registry, gelnhausen: Registry) -> None:
    found = create_service_request(status=Status.IN_REVIEW, registry=hanau)
    send(found, "gelnhausen", hanau)
    with unit_of_work():
        processing.take(found, by=gelnhausen.clerk, at=LATER)
    send(found, "hanau", gelnhausen)
    with unit_of_work():
        processing.take(found, by=hanau.clerk, at=LATER)
        decisions.propose(found, outcome=Outcome.GRANTED, reasons=REASONS, by=hanau.clerk, at=LATER)

    assert (found.first_received_at, found.authority_id) == (SOME_DAY, hanau.clerk.authority_id)
    assert found.status is Status.DECISION_PROPOSED
    assert [event.kind for event in found.history].count(EventKind.FORWARDED) == 2


def test_notes_stay_and_messages_travel(hanau: Registry, gelnhausen: Registry) -> None:
    found = create_service_request(registry=hanau)
    with unit_of_work():
        conversation.take_note(found, "Nur für Hanau", by=hanau.clerk, at=SOME_DAY)
        conversation.write(found, "Für alle", by=found.account, at=SOME_DAY)
    send(found, "gelnhausen", hanau)

    assert conversation_queries.notes_of(found, gelnhausen.clerk) == []
    assert conversation_queries.for_staff(found)[0].text == "Für alle"
    assert found.unread_count == 1
    send(found, "hanau", gelnhausen)
    assert [entry.text for entry in conversation_queries.notes_of(found, hanau.clerk)] == ["Nur für Hanau"]


def test_a_returned_proposal_is_not_handed_on(hanau: Registry, gelnhausen: Registry) -> None:
    found = create_service_request(status=Status.DECISION_PROPOSED, registry=hanau)
    with unit_of_work():
        decisions.send_back(found, reason="Nicht zuständig.", by=hanau.approver, at=SOME_DAY)
    send(found, "gelnhausen", hanau)

    db.session.expire_all()
    assert db.session.scalars(sa.select(Decision)).all() == []


def test_the_name_is_found_at_the_new_authority_only(hanau: Registry, gelnhausen: Registry) -> None:
    found = create_service_request(registry=hanau)
    send(found, "gelnhausen", hanau)

    search = InboxFilter(search="Müßig-Groß")
    assert [len(inbox.page(r.clerk, search).requests) for r in (hanau, gelnhausen)] == [0, 1]


def test_the_receipt_still_says_where_and_when_it_arrived_first(
    hanau: Registry, gelnhausen: Registry
) -> None:
    found = create_service_request(registry=hanau)
    send(found, "gelnhausen", hanau)

    data, _answers = receipt_data(found)

    assert data.office.name == hanau.clerk.authority.name
    assert data.at == SOME_DAY


def test_what_cannot_be(hanau: Registry, gelnhausen: Registry) -> None:
    found = create_service_request(status=Status.IN_REVIEW, registry=hanau)
    proposed = create_service_request(status=Status.DECISION_PROPOSED, registry=hanau)

    with pytest.raises(ConflictError):
        forwarding.forward(found, offer("hanau"), reason=WHY, by=hanau.clerk, at=LATER)
    with pytest.raises(NotAllowedError):
        forwarding.forward(found, offer("gelnhausen"), reason=WHY, by=hanau.approver, at=LATER)
    with pytest.raises(ConflictError):
        forwarding.forward(proposed, offer("gelnhausen"), reason=WHY, by=hanau.clerk, at=LATER)


def test_the_whole_way_through_the_pages(client: PageClient, hanau: Registry, gelnhausen: Registry) -> None:
    """On PostgreSQL with row-level security: the request leaves one scope and appears in another."""
    found = create_service_request(status=Status.IN_REVIEW, registry=hanau)
    sign_in(client, hanau.clerk.account)
    page = client.get(
        client.get(f"/behoerde/antraege/{found.id}").link("An eine andere Behörde weiterleiten")
    )
    searched = client.checked(
        page.form("/weiterleiten").submit(client, place="Gelnhausen", reason=WHY, button="Zuständige"), 200
    )
    unknown = client.checked(
        page.form("/weiterleiten").submit(client, place="Atlantis", reason=WHY, button="Zuständige"), 200
    )
    wrong = client.checked(page.form("/weiterleiten").submit(client, button="Antrag weiterleiten"), 422)
    done = client.follow(searched.form("/weiterleiten").submit(client, button="Antrag weiterleiten"))

    assert "Gelnhausen" in " ".join(searched.messages)
    assert searched.form("/weiterleiten").values["reason"] == [WHY]
    assert unknown.form("/weiterleiten").values["authority"] == [""]
    assert set(wrong.errors) == {"authority", "reason"}
    assert any("ist weitergeleitet" in message for message in done.messages)
    client.get(f"/behoerde/antraege/{found.id}", status=404)
    sign_in(client, gelnhausen.clerk.account)
    there = client.get(f"/behoerde/antraege/{found.id}")
    assert "Zuerst eingegangen am" in there.text
    client.follow(there.form("/uebernehmen").submit(client))
    sign_in(client, found.account)
    seen = client.get(f"/antraege/{found.id}").text
    assert WHY in seen
    assert gelnhausen.clerk.authority.name in seen
