"""A script that begins requests or writes messages without end is stopped; nobody notices otherwise."""

from datetime import timedelta

import pytest

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.service_requests import limits
from servicekonto.service_requests.commands import conversation
from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_draft, create_registry, create_service_request
from tests.support.client import PageClient


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_DRAFTS", 3)
    monkeypatch.setattr(limits, "MOST_MESSAGES", 2)


def begin_another(client: PageClient) -> int:
    form = client.get("/leistungen/geburtsurkunde").form("/neu/geburtsurkunde")
    data = {name: values[0] for name, values in form.values.items()} | {"neu": "1"}
    return client.client.post("/antraege/neu/geburtsurkunde", data=data).status_code


def test_after_many_drafts_of_one_day_no_further_one_begins(client: PageClient) -> None:
    account = create_account()
    for _ in range(2):
        create_draft(account, at=clock.now())
    create_draft(account, at=clock.now() - timedelta(days=1, minutes=1))
    sign_in(client, account)

    assert [begin_another(client) for _ in range(2)] == [303, 429]


def test_the_drafts_of_others_do_not_count(client: PageClient) -> None:
    for _ in range(3):
        create_draft(at=clock.now())
    sign_in(client, create_account())

    assert begin_another(client) == 303


def test_after_many_messages_of_one_day_no_further_one_is_sent(client: PageClient) -> None:
    registry = create_registry()
    service_request = create_service_request(registry=registry)
    sign_in(client, service_request.account)
    path = f"/antraege/{service_request.id}/nachricht"
    with unit_of_work():
        conversation.reply(service_request, "Guten Tag, wir prüfen das.", by=registry.clerk, at=clock.now())

    answers = [
        client.get(path).form(path).submit(client, body="Eine Frage habe ich noch.").status_code
        for _ in range(3)
    ]

    assert answers == [303, 303, 429]
