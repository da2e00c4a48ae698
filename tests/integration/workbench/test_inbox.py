"""The inbox of one's own units: complete, without doubles, findable."""

from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.service_requests import inbox
from servicekonto.service_requests.inbox import InboxFilter
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.requests import (
    Registry,
    complete_answers,
    create_copies,
    create_registry,
    create_service_request,
)
from tests.support.client import PageClient


@pytest.fixture
def registry(database: None) -> Registry:
    return create_registry()


def many(registry: Registry, number: int) -> list[ServiceRequest]:
    create_copies(create_service_request(registry=registry), number - 1)
    return list(db.session.scalars(sa.select(ServiceRequest)))


def found(registry: Registry, **chosen: object) -> set[str | None]:
    page = inbox.page(registry.clerk, InboxFilter(**chosen))  # type: ignore[arg-type]
    return {request.reference for request in page.requests}


def test_the_pages_together_are_complete_and_without_doubles(registry: Registry) -> None:
    requests = many(registry, 200)
    seen: list[ServiceRequest] = []
    page = inbox.page(registry.clerk, InboxFilter())
    while True:
        seen += page.requests
        if page.after is None:
            break
        page = inbox.page(registry.clerk, InboxFilter(after=page.after))

    assert [request.id for request in seen] == [
        request.id for request in sorted(requests, key=lambda one: (one.received_at, one.id))
    ]


def test_the_links_lead_through_all_pages_with_the_filter_kept(
    client: PageClient, registry: Registry
) -> None:
    references = {request.reference for request in many(registry, 120)}
    sign_in(client, registry.clerk.account)
    seen: list[str] = []
    path: str | None = "/behoerde/?status=received&wer=niemand"
    while path:
        page = client.get(path)
        seen += [reference for reference in references if reference and reference in page.text]
        path = page.link("Nächste Seite") if page.has_link("Nächste Seite") else None
        kept = parse_qs(urlsplit(path or "").query)
        assert path is None or (kept["status"], kept["wer"]) == (["received"], ["niemand"])

    assert len(seen) == len(set(seen)) == 120


def test_filters_narrow(registry: Registry) -> None:
    received = create_service_request(registry=registry)
    taken = create_service_request(registry=registry, status=Status.IN_REVIEW)
    done = create_service_request(registry=registry, status=Status.NOTIFIED)

    assert found(registry) == {received.reference, taken.reference}
    assert found(registry, status=Status.IN_REVIEW) == {taken.reference}
    assert found(registry, unassigned=True) == {received.reference}
    assert found(registry, assignee_id=registry.clerk.id) == {taken.reference}
    assert found(registry, finished=True) == {done.reference}
    assert found(registry, service_key="geburtsurkunde") == {received.reference, taken.reference}
    assert found(registry, service_key="anderes") == set()


def test_only_the_own_units_of_the_own_authority(registry: Registry) -> None:
    create_service_request(registry=registry)
    kassel = create_registry("kassel")
    passports = create_staff_member(units=["passport_office"])
    nowhere = create_staff_member(units=[])

    assert len(inbox.page(registry.clerk, InboxFilter()).requests) == 1
    for other in (kassel.clerk, passports, nowhere):
        assert inbox.page(other, InboxFilter()).requests == []


def test_a_reference_is_found_with_its_typing_errors(registry: Registry) -> None:
    request = create_service_request(registry=registry, status=Status.NOTIFIED)
    create_service_request(registry=registry)
    reference = str(request.reference)

    for typed in (reference, reference.lower(), reference.replace("-", " "), reference.replace("0", "O")):
        assert found(registry, search=typed) == {reference}


@pytest.mark.parametrize(
    "typed",
    [
        "Müßig-Groß",
        "MUESSIG GROSS",
        "Jörg Ömer Müßig-Groß",
        "jörg müßig-groß",
        "Müßig-Groß, Jörg",
        "Muessig-Gross",
    ],
)
def test_a_person_is_found_by_the_exact_name_with_and_without_umlauts(registry: Registry, typed: str) -> None:
    request = create_service_request(registry=registry)
    applicant = complete_answers()["applicant"] | {"family_name": "Müller"}
    create_service_request(registry=registry, answers=complete_answers(applicant=applicant))

    assert found(registry, search=typed) == {request.reference}


@pytest.mark.parametrize("typed", ["Müßig", "Groß", "%", "_", "Jörg", "HE-2026-0000-0000-0"])
def test_a_part_of_a_name_finds_nobody(registry: Registry, typed: str) -> None:
    create_service_request(registry=registry)

    assert found(registry, search=typed) == set()


def test_the_names_of_another_authority_are_not_found(registry: Registry) -> None:
    create_service_request(registry=registry)
    kassel = create_registry("kassel")

    assert inbox.page(kassel.clerk, InboxFilter(search="Müßig-Groß")).requests == []


@pytest.mark.parametrize(
    "query",
    [
        *("nach=x", "nach=2026-11-23T09:00:00~x", "nach=2026-11-23~01890000-0000-7000-8000-000000000000"),
        "nach=0001-01-01T00:00:00%2B14:00~01890000-0000-7000-8000-000000000000",
        *("status=draft", "status=submitted", "status=nonsense", "wer=somebody"),
    ],
)
def test_an_address_changed_by_hand_is_422(client: PageClient, registry: Registry, query: str) -> None:
    sign_in(client, registry.clerk.account)

    client.get(f"/behoerde/?{query}", status=422)
