"""How many requests each filter would leave: exact below a bound, a lower bound above it."""

import pytest

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.service_requests import inbox
from servicekonto.service_requests.commands import processing
from servicekonto.service_requests.inbox import InboxFilter
from servicekonto.service_requests.status import Status
from tests.builders.accounts import sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.requests import Registry, create_copies, create_registry, create_service_request
from tests.support.client import PageClient


@pytest.fixture
def registry(database: None) -> Registry:
    registry = create_registry()
    for status in (Status.RECEIVED, Status.RECEIVED, Status.IN_REVIEW, Status.NOTIFIED):
        create_service_request(registry=registry, status=status)
    return registry


def test_open_requests_are_counted_by_what_can_be_chosen(registry: Registry) -> None:
    counts = inbox.counts(registry.clerk)

    assert counts.is_complete
    assert counts.of(InboxFilter()) == 3
    assert counts.of(InboxFilter(status=Status.RECEIVED)) == 2
    assert counts.of(InboxFilter(unassigned=True)) == 2
    assert counts.of(InboxFilter(assignee_id=registry.clerk.id)) == 1
    assert counts.of(InboxFilter(assignee_id=registry.approver.id)) == 0
    assert counts.of(InboxFilter(status=Status.RECEIVED, assignee_id=registry.clerk.id)) == 0
    assert counts.of(InboxFilter(service_key="geburtsurkunde")) == 3
    assert counts.of(InboxFilter(service_key="anderes")) == 0


def test_nobody_counts_the_requests_of_others(registry: Registry) -> None:
    for other in (create_registry("kassel").clerk, create_staff_member(units=["passport_office"])):
        assert inbox.counts(other).of(InboxFilter()) == 0


def test_the_numbers_stand_beside_the_choices_and_respect_the_others(
    client: PageClient, registry: Registry
) -> None:
    sign_in(client, registry.clerk.account)

    page = client.get("/behoerde/?wer=niemand")

    assert page.texts("#status option")[:3] == [
        "Alle offenen",
        "Eingegangen (2)",
        "In Bearbeitung (0)",
    ]
    assert page.texts("#wer option")[1:3] == ["Bei mir (1)", "Noch bei niemandem (2)"]
    assert page.texts(".sk-tabs [aria-current=page]") == ["Noch bei niemandem (2)"]


def test_a_search_or_the_finished_ones_are_not_counted(client: PageClient, registry: Registry) -> None:
    sign_in(client, registry.clerk.account)

    searched = client.get("/behoerde/").form("/suche").submit(client, suche="Niemand").location
    for path in (searched, "/behoerde/?status=abgeschlossen"):
        assert "(" not in "".join(client.get(path).texts("#leistung option"))


def test_beyond_the_bound_a_number_is_a_lower_bound(client: PageClient, registry: Registry) -> None:
    create_copies(create_service_request(registry=registry), inbox.MOST_COUNTED)
    counts = inbox.counts(registry.clerk)
    sign_in(client, registry.clerk.account)

    assert not counts.is_complete
    assert counts.of(InboxFilter()) == inbox.MOST_COUNTED + 1
    assert f"({inbox.MOST_COUNTED + 1}+)" in client.get("/behoerde/").text


def test_a_number_follows_what_is_done(registry: Registry) -> None:
    request = create_service_request(registry=registry)
    with unit_of_work():
        processing.take(request, by=registry.approver, at=clock.now())

    assert inbox.counts(registry.clerk).of(InboxFilter(assignee_id=registry.approver.id)) == 1
