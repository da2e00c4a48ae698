"""Twenty people want the last three places: real commits, real threads."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, Scope, scoped
from servicekonto.service_requests import queries
from servicekonto.service_requests.commands import closing
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.place_models import PlaceAllocation, PlaceState
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY
from tests.builders.conference import begin_registration, create_conference, register
from tests.builders.requests import submit
from tests.support.threads import at_the_same_time

PEOPLE, PLACES = 20, 3


@pytest.fixture(autouse=True)
def database() -> None:
    """Here every test has a database of its own."""


@pytest.fixture
def app_with_few_places(committed_app: Servicekonto) -> Iterator[Servicekonto]:
    with committed_app.app_context(), scoped(SYSTEM):
        create_conference(PLACES)
        yield committed_app


def states() -> Counter[PlaceState]:
    db.session.rollback()
    return Counter(db.session.scalars(sa.select(PlaceAllocation.state)))


def test_the_last_places_are_given_once(app_with_few_places: Servicekonto) -> None:
    drafts = [(draft.id, draft.account_id) for draft in (begin_registration() for _ in range(PEOPLE))]

    def send(number: int) -> None:
        request_id, account_id = drafts[number]
        with app_with_few_places.app_context(), scoped(Scope(account_id=account_id)):
            with unit_of_work():
                draft = db.session.get_one(ServiceRequest, request_id)
            submit(draft, at=clock.now())

    at_the_same_time(send, times=PEOPLE)

    assert states() == {PlaceState.CONFIRMED: PLACES, PlaceState.WAITING: PEOPLE - PLACES}
    numbers = db.session.scalars(sa.select(PlaceAllocation.number)).all()
    assert sorted(numbers) == list(range(1, PEOPLE + 1))


def test_everybody_withdraws_at_the_same_time_and_nobody_waits_for_ever(
    app_with_few_places: Servicekonto,
) -> None:
    """Whoever has a place hands it on to people who are leaving just now."""
    registered: list[tuple[UUID, UUID]] = [
        (found.id, found.account_id) for found in (register() for _ in range(PEOPLE))
    ]

    def leave(number: int) -> None:
        request_id, account_id = registered[number]
        with app_with_few_places.app_context(), scoped(Scope(account_id=account_id)), unit_of_work():
            account = db.session.get_one(ServiceRequest, request_id).account
            found = queries.get_sent(request_id, account, for_update=True)
            closing.withdraw(found, by=account, at=SOME_DAY)

    at_the_same_time(leave, times=PEOPLE)

    assert states() == {PlaceState.FREED: PEOPLE}
