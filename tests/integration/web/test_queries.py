"""The number of queries of a page is constant, whatever the number of rows. Asserted as they are."""

from typing import Any

import pytest

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.service_requests.commands import conversation
from servicekonto.service_requests.status import Status
from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_copies, create_draft, create_registry, create_service_request
from tests.builders.town import PERSONAL_DATA, create_town
from tests.support.client import PageClient

# Start, catalogue, request and inbox: what was promised; 3 more for the trace of a request that is opened,
# 1 for the level that the service of a draft asks for.
# The others: what they are.
MOST = {
    ("visitor", "/"): 4,
    ("visitor", "/leistungen"): 4,
    ("visitor", "/leistungen/geburtsurkunde"): 1,
    ("visitor", "/leistungen/geburtsurkunde?ort=Hanau"): 3,
    ("visitor", "/zustaendigkeit"): 0,
    ("citizen", "/"): 4,
    ("citizen", "/leistungen"): 4,
    ("citizen", "/leistungen/geburtsurkunde"): 4,
    ("citizen", "/antraege/"): 3,
    ("citizen", "/antraege/{notified}"): 12,
    ("citizen", "/antraege/{notified}/eingang"): 4,
    ("citizen", "/antraege/{draft}/seite/ihre-angaben"): 5,
    ("citizen", "/antraege/{draft}/pruefen"): 6,
    ("citizen", "/postfach/"): 4,
    ("citizen", "/postfach/?ordner=archiv&absender=01890000-0000-7000-8000-000000000000&von=2026-01-01"): 4,
    ("citizen", "/konto"): 5,
    ("citizen", "/konto/sicherheit"): 7,
    ("citizen", "/konto/anmeldungen"): 3,
    ("citizen", "/konto/identitaet"): 8,
    ("citizen", "/konto/protokoll"): 4,
    ("citizen", "/konto/datenschutz"): 2,
    ("citizen", "/konto/einsicht"): 5,
    ("citizen", "/konto/einwilligungen"): 3,
    ("citizen", "/konto/export"): 3,
    ("citizen", "/konto/loeschen"): 4,
    ("citizen", "/konto/websites"): 4,
    ("citizen", "/oidc/abmelden"): 3,
    ("clerk", "/behoerde/"): 8,
    ("clerk", "/behoerde/statistik"): 5,
    ("clerk", "/behoerde/antraege/{in_review}"): 15,
    ("clerk", "/behoerde/antraege/{notified}"): 15,
    ("administrator", "/behoerde/verwaltung/"): 2,
    ("administrator", "/behoerde/verwaltung/beschaeftigte"): 7,
    ("administrator", "/behoerde/verwaltung/leistungen"): 4,
    ("administrator", "/behoerde/verwaltung/protokoll"): 9,
    ("approver", "/behoerde/antraege/{decision_proposed}"): 15,
    ("operator", "/betrieb/"): 4,
    ("operator", "/betrieb/websites/"): 4,
    ("operator", "/betrieb/websites/{website}"): 5,
    ("operator", "/betrieb/websites/neu"): 1,
    ("operator", "/betrieb/websites/{website}/aendern"): 2,
}


@pytest.mark.usefixtures("database")
def test_every_page_stays_below_its_limit(queries: list[str]) -> None:
    town = create_town()
    ids = {"draft": town.draft.id, "website": town.website.id}
    ids |= {status.value: request.id for status, request in town.requests.items()}
    too_many = {}
    for (who, path), most in MOST.items():
        client, address = town.client(who), path.format(**ids)
        client.get(address)  # definitions and authorities are read once per process
        queries.clear()

        client.get(address)

        if len(queries) > most:
            too_many[who, path] = list(queries)
    assert {key: len(statements) for key, statements in too_many.items()} == {}, too_many


def test_a_conversation_costs_the_page_of_a_request_no_more_than_promised(
    client: PageClient, queries: list[str]
) -> None:
    registry = create_registry()
    request = create_service_request(registry=registry, status=Status.NOTIFIED)
    with unit_of_work():
        conversation.reply(request, "Guten Tag, eine Frage.", by=registry.clerk, at=clock.now())
        conversation.take_note(request, "Nur für uns.", by=registry.clerk, at=clock.now())
        conversation.write(request, "Hier ist die Antwort.", by=request.account, at=clock.now())

    for account, path, most in (
        (registry.clerk.account, "/behoerde/antraege", 15),  # with the trace that it was opened
        (request.account, "/antraege", 12),
    ):
        sign_in(client, account)
        client.get(f"{path}/{request.id}")
        queries.clear()
        client.get(f"{path}/{request.id}")
        assert len(queries) <= most, queries


@pytest.mark.parametrize("fields", [{}, {"wer": "niemand", "status": "received"}, {"suche": "Müßig-Groß"}])
def test_the_inbox_asks_as_often_for_many_as_for_one(
    client: PageClient, queries: list[str], fields: dict[str, Any]
) -> None:
    registry = create_registry()
    first = create_service_request(registry=registry)
    sign_in(client, registry.clerk.account)
    path = client.get("/behoerde/").form("/suche").submit(client, fields).location
    counts = []
    for further in (0, 119):
        create_copies(first, further) if further else None
        client.get(path)
        queries.clear()
        client.get(path)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 8


@pytest.mark.parametrize("path", ["/antraege/", "/", "/konto", "/postfach/"])
def test_the_lists_of_a_citizen_ask_as_often_for_many_as_for_one(
    client: PageClient, queries: list[str], path: str
) -> None:
    citizen = create_account(values=PERSONAL_DATA)
    registry = create_registry()
    sent, draft = create_service_request(citizen, registry=registry), create_draft(citizen)
    sign_in(client, citizen)
    counts = []
    for further in (0, 60):
        if further:
            create_copies(sent, further)
            create_copies(draft, further)
        client.get(path)
        queries.clear()
        client.get(path)
        counts.append(len(queries))

    assert counts[0] == counts[1]
