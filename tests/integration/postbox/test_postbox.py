"""The citizen's postbox: the first retrieval is recorded once, and nobody else looks in."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.postbox import commands, queries
from servicekonto.postbox.models import Message
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.requests import create_service_request
from tests.support.answers import without_ids
from tests.support.client import PageClient

UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def decided(database: None) -> ServiceRequest:
    return create_service_request(status=Status.NOTIFIED)


@pytest.fixture
def citizen(client: PageClient, decided: ServiceRequest) -> Account:
    sign_in(client, decided.account)
    return decided.account


def message() -> Message:
    db.session.expire_all()
    return db.session.scalars(sa.select(Message)).one()


def test_an_unread_message_is_counted_and_listed(client: PageClient, citizen: Account) -> None:
    page = client.get("/postfach/")

    assert "Magistrat der Stadt Hanau" in page.text
    assert queries.unread_count(citizen) == 1
    assert message().first_read_at is None


def test_the_first_retrieval_is_recorded_and_never_changed(client: PageClient, citizen: Account) -> None:
    path = f"/postfach/{message().id}"
    noon = clock.now().replace(microsecond=0)
    with time_machine.travel(noon, tick=False) as traveller:
        page = client.get(path)
        traveller.shift(timedelta(minutes=5))
        client.get(path)

    assert "Entscheidung" in page.text
    assert message().first_read_at == noon
    assert queries.unread_count(citizen) == 0


def test_the_decision_can_be_fetched_from_the_message(client: PageClient, citizen: Account) -> None:
    page = client.get(f"/postfach/{message().id}")
    (link,) = {str(a["href"]) for a in page.select("main a[href$='/dokumente/decision']")}

    assert client.client.get(link).mimetype == "application/pdf"


def test_a_foreign_message_looks_like_an_unknown_one_and_stays_unread(
    client: PageClient, decided: ServiceRequest
) -> None:
    sign_in(client, create_account())
    client.get("/postfach/")

    answers = [client.client.get(f"/postfach/{one}") for one in (message().id, UNKNOWN)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_ids(answers[0].text) == without_ids(answers[1].text)
    assert message().first_read_at is None


def test_what_is_said_is_not_readable_in_the_database(decided: ServiceRequest) -> None:
    stored = db.session.execute(sa.select(Message.subject_sealed, Message.body_sealed)).one()

    assert all(b"Entscheidung" not in sealed for sealed in stored)


def test_all_messages_are_on_the_pages_once(
    client: PageClient, citizen: Account, decided: ServiceRequest
) -> None:
    assert decided.authority
    with unit_of_work():
        for number in range(queries.PAGE_SIZE * 2):
            commands.provide(
                account_id=citizen.id,
                sender=decided.authority,
                service_request_id=decided.id,
                subject=f"Nachricht {number}",
                body="Guten Tag",
                document_kind=None,
                at=SOME_DAY,
            )
    seen: list[str] = []
    path: str | None = "/postfach/"
    while path:
        page = client.get(path)
        links = {str(a["href"]) for a in page.select("main a[href^='/postfach/']")}
        seen += sorted(link for link in links if "?" not in link)
        path = page.link("Nächste Seite") if page.has_link("Nächste Seite") else None

    assert len(seen) == len(set(seen)) == queries.PAGE_SIZE * 2 + 1
