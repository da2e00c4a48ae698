"""A service of which there is only so much: places, the waiting list, and who gets what becomes free."""

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import AccountKind
from servicekonto.authorities.kinds import Role
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ConflictError, NotAllowedError
from servicekonto.notifications.models import Mail
from servicekonto.postbox.models import Message
from servicekonto.service_requests import places, queries
from servicekonto.service_requests.commands import closing, decisions, processing
from servicekonto.service_requests.commands.places import FullyBookedError, reserve, set_capacity
from servicekonto.service_requests.models import EventKind, Outcome, ServiceRequest
from servicekonto.service_requests.place_models import PlaceState
from servicekonto.service_requests.receipts import receipt_data
from servicekonto.workbench import bulk
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.conference import (
    begin_registration,
    conference_offer,
    create_conference,
    definition,
    limited,
    register,
)
from tests.builders.requests import create_draft
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")


def place(found: ServiceRequest) -> places.Place:
    what = places.place_of(found, definition())
    assert what is not None
    return what


def kinds(found: ServiceRequest) -> list[EventKind]:
    return [event.kind for event in found.history]


def withdraw(found: ServiceRequest) -> None:
    with unit_of_work():
        closing.withdraw(found, by=found.account, at=SOME_DAY)


def test_whoever_comes_first_has_a_place_and_the_others_wait_in_turn() -> None:
    create_conference(1)
    first, second, third = register(), register(), register()

    assert place(first) == places.Place(PlaceState.CONFIRMED)
    assert [place(found).position for found in (second, third)] == [1, 2]
    assert EventKind.PLACE_AWAITED in kinds(second)


def test_a_place_that_becomes_free_goes_to_the_first_who_waits() -> None:
    create_conference(1)
    first = register()
    english = register(create_account(language="en"))
    third = register()

    withdraw(first)

    assert place(english).state is PlaceState.CONFIRMED
    assert place(third).position == 1
    assert kinds(english)[-1] is EventKind.PLACE_CONFIRMED
    message = db.session.scalars(sa.select(Message)).one()
    assert message.account_id == english.account_id
    assert "You have a place" in (message.subject or "")
    told = sa.select(Mail.account_id).where(Mail.template == "news_in_postbox")
    assert db.session.scalars(told).all() == [english.account_id]


def test_whoever_leaves_the_waiting_list_lets_the_others_move_up() -> None:
    create_conference(1)
    first, second, third = register(), register(), register()

    withdraw(second)

    assert place(second).state is PlaceState.FREED
    assert place(third).position == 1
    assert place(first).state is PlaceState.CONFIRMED
    assert db.session.scalars(sa.select(Message)).all() == []


def test_closing_and_refusing_free_the_place_granting_keeps_it() -> None:
    host = create_conference(3)
    approver = create_staff_member(authority="hmd", units=["regional_conference"], roles=[Role.APPROVER])
    closed, refused, granted = register(), register(), register()
    waiting = [register(), register()]
    with unit_of_work():
        closing.close(closed, reason="Doppelt angemeldet.", by=host, at=SOME_DAY)
        for found, outcome in ((refused, Outcome.REFUSED), (granted, Outcome.GRANTED)):
            processing.take(found, by=host, at=SOME_DAY)
            decisions.propose(found, outcome=outcome, reasons="Aus diesem Grund.", by=host, at=SOME_DAY)
            decisions.approve(found, by=approver, at=SOME_DAY)

    assert [place(found).state for found in (closed, refused)] == [PlaceState.FREED] * 2
    assert [place(found).state for found in (granted, *waiting)] == [PlaceState.CONFIRMED] * 3


def test_closing_several_at_once_hands_on_all_their_places() -> None:
    host = create_conference(2)
    leaving, waiting = [register(), register()], [register(), register()]
    with unit_of_work():
        bulk.close([found.id for found in leaving], "Abgesagt.", by=host, at=SOME_DAY)

    assert [place(found).state for found in leaving] == [PlaceState.FREED] * 2
    assert [place(found).state for found in waiting] == [PlaceState.CONFIRMED] * 2


def test_what_somebody_waits_for_cannot_be_granted() -> None:
    host = create_conference(0)
    found = register()
    with unit_of_work():
        processing.take(found, by=host, at=SOME_DAY)
    with pytest.raises(ConflictError):
        decisions.propose(found, outcome=Outcome.GRANTED, reasons="Ja, gern.", by=host, at=SOME_DAY)


def test_more_places_go_to_those_who_wait_and_with_fewer_nobody_loses_one() -> None:
    host = create_conference(1)
    registered = [register() for _ in range(4)]

    with unit_of_work():
        set_capacity(conference_offer(), limited(), 3, by=host, at=SOME_DAY)
    states = [place(found).state for found in registered]
    assert states == [PlaceState.CONFIRMED] * 3 + [PlaceState.WAITING]

    with unit_of_work():
        set_capacity(conference_offer(), limited(), 2, by=host, at=SOME_DAY)
    withdraw(registered[0])
    assert place(registered[3]).position == 1
    withdraw(registered[1])
    assert place(registered[3]).state is PlaceState.CONFIRMED


def test_without_a_waiting_list_whoever_comes_too_late_cannot_submit() -> None:
    create_conference(0)
    without_list = limited().model_copy(update={"waiting_list": False})

    with pytest.raises(FullyBookedError), unit_of_work():
        reserve(conference_offer(), without_list)
    assert not places.availability(conference_offer(), without_list).is_open


def test_the_receipt_says_what_it_was_when_it_was_sent() -> None:
    create_conference(1)
    first, second = register(), register()
    withdraw(first)

    assert receipt_data(first)[0].place == "Sie haben einen Platz."
    assert "Position 1" in (receipt_data(second)[0].place or "")


def test_staff_register_with_their_own_account_and_never_decide_it_themselves() -> None:
    host = create_conference(1)
    found = register(host.account)

    assert queries.get_for_staff(found.id, host) is found
    with pytest.raises(NotAllowedError):
        processing.take(found, by=host, at=SOME_DAY)
    with pytest.raises(NotAllowedError):
        closing.close(found, reason="Ich bin es selbst.", by=host, at=SOME_DAY)


def test_a_service_for_citizens_alone_is_closed_to_staff() -> None:
    clerk = create_staff_member()
    assert clerk.account.kind is AccountKind.STAFF
    with pytest.raises(NotAllowedError):
        create_draft(clerk.account)


def test_the_pages_say_how_many_places_are_left_and_what_one_has_got(client: PageClient) -> None:
    host = create_conference(1)
    draft = begin_registration()
    assert "1 von 1 Plätzen ist frei." in client.get("/leistungen/regionalkonferenz").text
    sign_in(client, draft.account)
    check = client.get(f"/antraege/{draft.id}/pruefen")
    done = client.follow(check.form("/einreichen").submit(client))
    assert "Sie haben einen Platz." in done.text
    waiting = register(create_staff_member().account, at=clock.now())
    assert "Auf der Warteliste steht 1 Person" in client.get("/leistungen/regionalkonferenz").text
    client.get(f"/antraege/{waiting.id}", status=404)

    sign_in(client, waiting.account)
    assert "auf Position 1" in client.get(f"/antraege/{waiting.id}").text
    client.get(f"/behoerde/antraege/{waiting.id}", status=404)

    sign_in(client, host.account)
    assert "Warteliste, Position 1" in client.get(f"/behoerde/antraege/{waiting.id}").text
    assert "1 von 1 Plätzen" in client.get("/behoerde/plaetze/regionalkonferenz").text
    assert str(waiting.reference) in client.get("/behoerde/plaetze/regionalkonferenz?liste=warteliste").text


def test_by_http_a_citizen_who_withdraws_hands_the_place_on(client: PageClient) -> None:
    """On PostgreSQL with row-level security: neither sees the other's request."""
    create_conference(1)
    first, second = register(at=clock.now()), register(at=clock.now())
    sign_in(client, first.account)
    page = client.get(f"/antraege/{first.id}/zurueckziehen")
    client.follow(page.form("/zurueckziehen").submit(client))

    sign_in(client, second.account)
    assert "Sie haben einen Platz." in client.get(f"/antraege/{second.id}").text
    assert "Sie haben einen Platz: Regionalkonferenz" in client.get("/postfach/").text


def test_the_administrator_changes_the_number_of_places(client: PageClient) -> None:
    host = create_conference(1)
    register(), register()
    sign_in(client, host.account)
    path = "/behoerde/verwaltung/leistungen/regionalkonferenz/plaetze"
    wrong = client.checked(client.get(path).form("/plaetze").submit(client, capacity="viele"), 422)
    assert set(wrong.errors) == {"capacity"}
    client.follow(client.get(path).form("/plaetze").submit(client, capacity="2"))

    assert places.availability(conference_offer(), limited()).taken == 2
    assert "Plätze: 2 (vorher: 1)" in client.get("/behoerde/verwaltung/protokoll").text
    sign_in(client, create_staff_member(roles=[Role.AUTHORITY_ADMINISTRATOR]).account)
    client.get(path, status=404)


def test_the_list_asks_as_often_for_many_as_for_one(client: PageClient, queries: list[str]) -> None:
    host = create_conference(100)
    register()
    sign_in(client, host.account)
    counts = []
    for further in (0, 12):
        for _ in range(further):
            register()
        client.get("/behoerde/plaetze/regionalkonferenz")
        queries.clear()
        client.get("/behoerde/plaetze/regionalkonferenz")
        counts.append(len(queries))

    assert counts[0] == counts[1]
