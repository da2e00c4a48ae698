"""The citizen's postbox: the first retrieval is recorded once, and nobody else looks in."""

from datetime import UTC, datetime, timedelta

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
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, sign_in
from tests.builders.requests import create_registry, create_service_request
from tests.support.answers import without_ids
from tests.support.client import PageClient
from tests.support.page import Page

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
        seen += [str(a["href"]) for a in page.select("main tbody a[href^='/postfach/']")]
        path = page.link("Nächste Seite") if page.has_link("Nächste Seite") else None

    assert len(seen) == len(set(seen)) == queries.PAGE_SIZE * 2 + 1


def provide(decided: ServiceRequest, number: int = 1, at: datetime = SOME_DAY) -> list[Message]:
    assert decided.authority
    with unit_of_work():
        return [
            commands.provide(
                account_id=decided.account_id,
                sender=decided.authority,
                service_request_id=decided.id,
                subject=f"Nachricht {position}",
                body="Guten Tag",
                document_kind=None,
                at=at,
            )
            for position in range(number)
        ]


def read_all(messages: list[Message]) -> None:
    with unit_of_work():
        for one in messages:
            commands.open_message(one, at=clock.now())


def subjects(page: Page) -> list[str]:
    return page.texts("main tbody a")


def test_read_messages_go_to_the_archive_and_back(
    client: PageClient, citizen: Account, decided: ServiceRequest
) -> None:
    messages = provide(decided, 3)
    read_all(messages)
    chosen = [str(one.id) for one in messages[:2]]
    form = client.get("/postfach/").form("/postfach/archivieren")

    for _twice in range(2):
        page = client.follow(form.submit(client, nachricht=chosen))
    assert set(subjects(page)) & {"Nachricht 0", "Nachricht 1"} == set()
    archive = client.get("/postfach/?ordner=archiv")
    assert sorted(subjects(archive)) == ["Nachricht 0", "Nachricht 1"]

    page = client.follow(archive.form("/postfach/zurueckholen").submit(client, nachricht=chosen[:1]))
    assert subjects(page) == ["Nachricht 1"]


def test_a_message_is_archived_from_its_own_page(client: PageClient, citizen: Account) -> None:
    page = client.get(f"/postfach/{message().id}")

    client.follow(page.form("/postfach/archivieren").submit(client))

    assert message().archived_at is not None


def test_an_unread_message_stays_where_it_is_seen(client: PageClient, citizen: Account) -> None:
    form = client.get("/postfach/").form("/postfach/archivieren")

    page = client.follow(form.submit(client, nachricht=[str(message().id)]))

    assert "Ungelesene Nachrichten bleiben im Eingang" in page.text
    assert message().archived_at is None


def test_nobody_archives_a_foreign_message(
    client: PageClient, citizen: Account, decided: ServiceRequest
) -> None:
    form = client.get("/postfach/").form("/postfach/archivieren")
    foreign = provide(create_service_request(status=Status.NOTIFIED))
    form.values["nachricht"] = [str(foreign[0].id)]
    form._options["nachricht"] = [str(foreign[0].id)]

    assert form.submit(client).status_code == 404
    assert foreign[0].archived_at is None


def test_messages_are_found_by_sender_day_and_state(
    client: PageClient, citizen: Account, decided: ServiceRequest
) -> None:
    late_in_the_evening = datetime(2026, 3, 31, 21, 59, tzinfo=UTC)
    old = provide(decided, at=late_in_the_evening)
    sender, day = decided.authority_id, "2026-03-31"

    assert len(subjects(client.get(f"/postfach/?von={day}&bis={day}&absender={sender}"))) == 1
    assert subjects(client.get("/postfach/?von=01.04.2026&bis=01.04.2026")) == []
    assert len(subjects(client.get(f"/postfach/?bis={day}&ungelesen=1"))) == 1
    read_all(old)
    assert subjects(client.get(f"/postfach/?bis={day}&ungelesen=1")) == []
    assert subjects(client.get(f"/postfach/?absender={UNKNOWN}")) == []


def test_a_date_that_is_none_is_explained(client: PageClient, citizen: Account) -> None:
    page = client.get("/postfach/?von=2026-02-30&bis=gestern", status=422)

    assert set(page.errors) == {"von", "bis"}
    assert client.get("/postfach/?von=2026-02-02&bis=2026-02-01", status=422).errors.keys() == {"bis"}


def test_the_filter_stays_on_the_next_page(
    client: PageClient, citizen: Account, decided: ServiceRequest
) -> None:
    provide(decided, queries.PAGE_SIZE + 1)

    page = client.get(client.get("/postfach/?ungelesen=1").link("Nächste Seite"))

    assert page.form(0).values["ungelesen"] == ["1"]
    assert subjects(page)


def test_a_link_of_a_mail_leads_to_the_message_after_signing_in(
    client: PageClient, decided: ServiceRequest
) -> None:
    path = f"/postfach/{message().id}"
    page = client.follow(client.client.get(path))
    assert page.path == "/anmelden"

    answer = page.form("/anmelden").submit(client, email=decided.account.email, password=PASSWORD)

    assert client.follow(answer).path == path


def test_an_employee_who_follows_a_link_for_citizens_learns_nothing(
    client: PageClient, decided: ServiceRequest
) -> None:
    sign_in(client, create_registry("kassel").clerk.account)

    answers = [client.client.get(f"/postfach/{one}") for one in (message().id, UNKNOWN)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_ids(answers[0].text) == without_ids(answers[1].text)
    assert "Entscheidung: Geburtsurkunde" not in client.get("/postfach/").text
