"""The page of mails in a demonstration: whom they went to, their links, page by page."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from config import Mode
from servicekonto.accounts import events
from servicekonto.core.db import unit_of_work
from servicekonto.core.events import publish
from servicekonto.notifications import mails, queries
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY, create_account
from tests.integration.notifications.conftest import configured
from tests.support.client import PageClient
from tests.support.page import Page

TOKEN = "GLo0Xw-dT9r1x_0uS6NhYb4kqJ7c2eFvA8mZpWiR3Ug"
ERIKA, JONAS = "erika@example.org", "jonas@example.org"


def send(*, to: str, number: int = 1) -> None:
    account = create_account(email=to)
    with unit_of_work():
        for minute in range(number):
            mails.write("password_changed", to=account, at=SOME_DAY + timedelta(minutes=minute))


def recipients(page: Page) -> list[str]:
    return [text for text in page.texts("main article dd") if "@" in text]


def pages(client: PageClient, path: str) -> Iterator[Page]:
    while path:
        page = client.get(path)
        yield page
        path = page.link("Nächste Seite") if page.has_link("Nächste Seite") else ""


def headings(page: Page) -> list[str]:
    return [str(heading["id"]) for heading in page.select("main article h2")]


def test_links_in_mails_can_be_clicked(client: PageClient) -> None:
    account = create_account(email=ERIKA, confirmed_at=None)
    event = events.RegistrationRequested(
        subject_id=account.id, actor_id=None, occurred_at=SOME_DAY, link_token=TOKEN
    )
    with unit_of_work():
        publish(event)

    page = client.get("/demo/mails")

    assert recipients(page) == [ERIKA]
    assert page.select(f"a[href='http://localhost/registrieren/bestaetigen/{TOKEN}']")


def test_without_mails_the_page_says_how_to_get_one(client: PageClient) -> None:
    assert "Noch keine E-Mails" in client.get("/demo/mails").text


def test_the_mails_of_one_recipient_can_be_chosen(client: PageClient) -> None:
    send(to=ERIKA)
    send(to=JONAS)

    form = client.get("/demo/mails").form("/demo/mails")
    page = client.checked(form.submit(client, an=JONAS), 200)

    assert recipients(page) == [JONAS]
    assert "Nichts gefunden" in client.get("/demo/mails?an=niemand@example.org").text


def test_every_mail_is_on_the_pages_once_the_newest_first(client: PageClient) -> None:
    send(to=ERIKA, number=2 * queries.PAGE_SIZE + 1)

    found = list(pages(client, "/demo/mails"))

    assert [len(recipients(page)) for page in found] == [queries.PAGE_SIZE, queries.PAGE_SIZE, 1]
    ids = [heading for page in found for heading in headings(page)]
    assert len(set(ids)) == len(ids)
    times = [text for page in found for text in page.texts("main article dd") if "Uhr" in text]
    assert times == sorted(times, reverse=True)


def test_the_next_page_is_of_the_same_recipient(client: PageClient) -> None:
    for address in (ERIKA, JONAS):
        send(to=address, number=queries.PAGE_SIZE + 1)

    found = list(pages(client, f"/demo/mails?an={JONAS}"))

    assert len(found) == 2
    assert {address for page in found for address in recipients(page)} == {JONAS}


def test_the_last_page_says_that_there_are_older_ones(
    client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LOOKED_THROUGH", 2)
    send(to=ERIKA, number=3)

    page = client.get("/demo/mails")

    assert len(recipients(page)) == 2
    assert "Ältere E-Mails werden hier nicht gezeigt." in page.text


def test_a_place_in_the_list_that_was_changed_by_hand_is_refused(client: PageClient) -> None:
    client.get("/demo/mails?nach=gestern", status=422)


def test_it_is_found_from_every_page(client: PageClient) -> None:
    assert client.get("/hilfe").select("footer a[href='/demo/mails']")


def test_there_is_no_such_page_in_production(app: Servicekonto, client: PageClient) -> None:
    with configured(app, mode=Mode.PRODUCTION):
        assert client.client.get("/demo/mails").status_code == 404
