"""From one request to the next, in the order and under the filter of the list it was opened from."""

from datetime import timedelta

import pytest

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.service_requests import inbox
from servicekonto.service_requests.commands import processing
from servicekonto.service_requests.inbox import InboxFilter, Neighbours
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import SOME_DAY, sign_in
from tests.builders.requests import Registry, create_registry, create_service_request
from tests.support.client import PageClient

UNASSIGNED = InboxFilter(unassigned=True)


@pytest.fixture
def registry(database: None) -> Registry:
    return create_registry()


@pytest.fixture
def four(registry: Registry) -> list[ServiceRequest]:
    """The second is taken, the others wait."""
    statuses = (Status.RECEIVED, Status.IN_REVIEW, Status.RECEIVED, Status.RECEIVED)
    return [
        create_service_request(registry=registry, status=status, at=SOME_DAY + timedelta(hours=number))
        for number, status in enumerate(statuses)
    ]


def test_the_neighbours_are_those_of_the_filtered_list(
    registry: Registry, four: list[ServiceRequest]
) -> None:
    first, second, third, last = four

    assert inbox.neighbours(registry.clerk, first, InboxFilter()) == Neighbours(None, second.id)
    assert inbox.neighbours(registry.clerk, first, UNASSIGNED) == Neighbours(None, third.id)
    assert inbox.neighbours(registry.clerk, third, UNASSIGNED) == Neighbours(first.id, last.id)
    assert inbox.neighbours(registry.clerk, last, InboxFilter()) == Neighbours(third.id, None)


def test_a_request_that_left_the_list_still_knows_where_it_stood(
    registry: Registry, four: list[ServiceRequest]
) -> None:
    first, _second, third, last = four
    with unit_of_work():
        processing.take(third, by=registry.clerk, at=clock.now())

    assert inbox.neighbours(registry.clerk, third, UNASSIGNED) == Neighbours(first.id, last.id)


def test_requests_of_one_moment_have_an_order(registry: Registry) -> None:
    a, b, c = (create_service_request(registry=registry) for _ in range(3))
    assert a.received_at == b.received_at == c.received_at

    assert inbox.neighbours(registry.clerk, b, InboxFilter()) == Neighbours(a.id, c.id)


def test_the_way_through_the_list_keeps_the_filter(
    client: PageClient, registry: Registry, four: list[ServiceRequest]
) -> None:
    sign_in(client, registry.clerk.account)
    page = client.get("/behoerde/?wer=niemand")

    page = client.get(page.link(str(four[0].reference)))
    assert not page.has_link("Voriger Antrag")
    page = client.get(page.link("Nächster Antrag"))

    assert page.h1 == four[2].reference
    assert page.link("Zur Liste") == "/behoerde/?wer=niemand"
    taken = client.follow(page.form("/uebernehmen").submit(client))
    assert client.get(taken.link("Nächster Antrag")).h1 == four[3].reference


def test_without_a_filter_it_is_the_whole_list(
    client: PageClient, registry: Registry, four: list[ServiceRequest]
) -> None:
    sign_in(client, registry.clerk.account)

    page = client.get(f"/behoerde/antraege/{four[1].id}")

    assert page.link("Voriger Antrag") == f"/behoerde/antraege/{four[0].id}"
    assert page.link("Nächster Antrag") == f"/behoerde/antraege/{four[2].id}"


def test_a_filter_changed_by_hand_is_422(
    client: PageClient, registry: Registry, four: list[ServiceRequest]
) -> None:
    sign_in(client, registry.clerk.account)

    client.get(f"/behoerde/antraege/{four[0].id}?wer=jemand", status=422)
