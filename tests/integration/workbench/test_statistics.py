"""What comes in and how long it takes: counted right, for one's own units, in two statements."""

from datetime import UTC, datetime, timedelta

import pytest

from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.service_requests.commands import closing, decisions, information, processing
from servicekonto.service_requests.figures import Span
from servicekonto.service_requests.models import Outcome, ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.workbench.statistics import Statistics, of_authority, visible_units
from tests.builders.accounts import sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.requests import (
    ASKED,
    CLOSED,
    REASONS,
    Registry,
    create_registry,
    create_service_request,
)
from tests.support.client import PageClient

OCTOBER = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
SPAN = Span.until(OCTOBER.date() + timedelta(days=50), 3)
NAMES = {"geburtsurkunde": "Geburtsurkunde"}


@pytest.fixture
def registry(database: None) -> Registry:
    return create_registry()


def of(staff_member: StaffMember, span: Span = SPAN) -> Statistics:
    return of_authority(staff_member.authority_id, visible_units(staff_member), NAMES, span)


def received(registry: Registry, *, at: datetime = OCTOBER) -> ServiceRequest:
    return create_service_request(registry=registry, at=at)


def decide(request: ServiceRequest, registry: Registry, *, at: datetime) -> None:
    with unit_of_work():
        processing.take(request, by=registry.clerk, at=at)
        decisions.propose(request, outcome=Outcome.GRANTED, reasons=REASONS, by=registry.clerk, at=at)
        decisions.approve(request, by=registry.approver, at=at)


def test_each_request_is_counted_in_its_month_by_how_it_ended(registry: Registry) -> None:
    received(registry)
    decide(received(registry), registry, at=OCTOBER + timedelta(days=2))
    closed = received(registry)
    with unit_of_work():
        closing.close(closed, reason=CLOSED, by=registry.clerk, at=OCTOBER)
    received(registry, at=OCTOBER + timedelta(days=31))
    received(registry, at=OCTOBER - timedelta(days=120))  # before the months that are asked for

    found = of(registry.clerk)

    assert (found.total.received, found.total.is_open, found.total.decided, found.total.other) == (4, 2, 1, 1)
    assert [(bar.received, bar.is_open) for bar in found.bars] == [(0, 0), (3, 1), (1, 1)]
    assert [bar.height for bar in found.bars] == [0, 100, 33.33]


def test_a_month_begins_at_midnight_in_hessen(registry: Registry) -> None:
    received(registry, at=datetime(2026, 9, 30, 21, 59, tzinfo=UTC))
    received(registry, at=datetime(2026, 9, 30, 22, 0, tzinfo=UTC))

    assert [bar.received for bar in of(registry.clerk).bars] == [1, 1, 0]


def test_the_time_to_the_decision_counts_whole_days(registry: Registry) -> None:
    for days in (0, 1, 2, 3, 10):
        decide(received(registry), registry, at=OCTOBER + timedelta(days=days, hours=3))

    found = of(registry.clerk)

    assert found.total.days == (2, 3, 10)
    assert [(line.name, line.days) for line in found.by_service] == [("Geburtsurkunde", (2, 3, 10))]
    assert [line.days for line in found.by_unit] == [(2, 3, 10)]


def test_the_time_a_question_waited_is_not_the_authority_s(registry: Registry) -> None:
    request = received(registry)
    with unit_of_work():
        processing.take(request, by=registry.clerk, at=OCTOBER)
        information.ask(request, ASKED, "Bitte helfen Sie uns.", by=registry.clerk, at=OCTOBER)
        information.resume(request, by=registry.clerk, at=OCTOBER + timedelta(days=8))
    decide(request, registry, at=OCTOBER + timedelta(days=9, hours=1))

    assert of(registry.clerk).total.days[0] == 1


def test_nobody_sees_the_figures_of_others(registry: Registry) -> None:
    received(registry)
    administrator = create_staff_member(units=[], roles=[Role.AUTHORITY_ADMINISTRATOR])

    for other in (create_registry("kassel").clerk, create_staff_member(units=["passport_office"])):
        assert of(other).total.received == 0
    assert of(administrator).total.received == 1


def test_the_page_asks_for_the_figures_twice_however_many_there_are(
    client: PageClient, registry: Registry, queries: list[str]
) -> None:
    sign_in(client, registry.clerk.account)
    counts = []
    for _round in range(2):
        create_service_request(registry=registry, at=clock.now() - timedelta(days=3), status=Status.NOTIFIED)
        client.get("/behoerde/statistik")
        queries.clear()
        client.get("/behoerde/statistik")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 5


def test_bars_and_table_say_the_same(client: PageClient, registry: Registry) -> None:
    create_service_request(registry=registry, at=clock.now() - timedelta(hours=1))
    sign_in(client, registry.clerk.account)

    page = client.get("/behoerde/statistik?monate=3")

    assert len(page.select("svg.sk-chart rect, .sk-chart svg rect")) == 6
    assert page.texts("#monate ~ section tbody tr")[-1].endswith("1 1")
    assert client.get("/behoerde/statistik").has_link("24 Monate")
    client.get("/behoerde/statistik?monate=7", status=422)


def test_an_empty_authority_says_so(client: PageClient, registry: Registry) -> None:
    sign_in(client, registry.clerk.account)

    assert "Noch nichts zu zählen" in client.get("/behoerde/statistik").text
