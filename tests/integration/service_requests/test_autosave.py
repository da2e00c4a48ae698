"""A page saves itself while somebody types, and never over something newer."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from servicekonto.accounts import throttle
from servicekonto.core.db import db
from servicekonto.service_requests.models import RequestEvent, ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_draft, create_registry, create_service_request
from tests.support.client import PageClient
from tests.support.page import Page

NAME = "applicant.given_names"


@pytest.fixture
def draft(client: PageClient) -> ServiceRequest:
    draft = create_draft(create_account())
    sign_in(client, draft.account)
    return draft


def page_of(client: PageClient, draft: ServiceRequest) -> Page:
    return client.get(f"/antraege/{draft.id}/seite/ihre-angaben")


def send(client: PageClient, page: Page, **fields: Any) -> TestResponse:
    """As the script does: the form as it stands, and what it was made from."""
    note = page.select_one("[data-autosave]")
    values = page.form(0).fill(fields).values | {"basis": [str(note["data-basis"])]}
    return client.client.post(str(note["data-autosave"]), data=values, headers={"Accept": "application/json"})


def stored(draft: ServiceRequest) -> str:
    db.session.expire_all()
    return str((draft.input or {})["applicant"]["given_names"])


def test_what_is_typed_is_saved_right_or_wrong(client: PageClient, draft: ServiceRequest) -> None:
    events = db.session.scalar(sa.select(sa.func.count()).select_from(RequestEvent))

    answer = send(client, page_of(client, draft), **{NAME: "Käthe", "applicant.birth_date.day": "31"})

    assert answer.status_code == 200
    assert set(answer.get_json()) == {"saved_at", "basis"}
    assert stored(draft) == "Käthe"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RequestEvent)) == events


def test_the_next_save_of_the_same_tab_goes_on_from_there(client: PageClient, draft: ServiceRequest) -> None:
    page = page_of(client, draft)
    basis = send(client, page, **{NAME: "Käthe"}).get_json()["basis"]
    page.select_one("[data-autosave]")["data-basis"] = basis

    assert send(client, page, **{NAME: "Käthe Ottilie"}).status_code == 200
    assert stored(draft) == "Käthe Ottilie"


def test_a_stale_tab_does_not_overwrite_something_newer(client: PageClient, draft: ServiceRequest) -> None:
    old, new = page_of(client, draft), page_of(client, draft)
    new.form(0).submit(client, {NAME: "Neu"})

    answer = send(client, old, **{NAME: "Alt"})

    assert answer.status_code == 409
    assert stored(draft) == "Neu"


def test_another_page_saved_elsewhere_is_no_conflict(client: PageClient, draft: ServiceRequest) -> None:
    page = page_of(client, draft)
    client.get(f"/antraege/{draft.id}/seite/zweck").form(0).submit(client)

    assert send(client, page, **{NAME: "Käthe"}).status_code == 200


def test_a_foreign_draft_cannot_be_saved(client: PageClient, draft: ServiceRequest) -> None:
    page = page_of(client, draft)
    sign_in(client, create_account())

    assert send(client, page, **{NAME: "Fremd"}).status_code == 404
    assert stored(draft) != "Fremd"


def test_an_answer_to_a_question_is_saved_too(client: PageClient, database: None) -> None:
    asked = create_service_request(status=Status.INFORMATION_REQUESTED, registry=create_registry())
    sign_in(client, asked.account)
    page = client.get(client.get(f"/antraege/{asked.id}").link("Jetzt antworten"))

    assert send(client, page, copies_certificate="3").status_code == 200
    assert client.get(page.path).form(0).values["copies_certificate"] == ["3"]
    assert send(client, page, copies_certificate="4").status_code == 409


def test_a_message_is_kept_in_this_browser(client: PageClient, database: None) -> None:
    request = create_service_request(status=Status.IN_REVIEW, registry=create_registry())
    sign_in(client, request.account)
    page = client.get(f"/antraege/{request.id}/nachricht")

    assert send(client, page, body="Noch nicht fertig").status_code == 200

    again = client.get(page.path)
    assert again.form(0).values["body"] == ["Noch nicht fertig"]
    again.form(0).submit(client)
    assert client.get(page.path).form(0).values["body"] == [""]


def test_a_script_gone_wild_is_slowed_down_and_the_button_still_saves(
    client: PageClient, draft: ServiceRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttle.RULES, throttle.AUTOSAVE_ACCOUNT, throttle.Rule(2, timedelta(minutes=5)))
    page = page_of(client, draft)
    for name in ("Käthe", "Käthe Ottilie"):
        answer = send(client, page, **{NAME: name})
        page.select_one("[data-autosave]")["data-basis"] = answer.get_json()["basis"]

    answer = send(client, page, **{NAME: "Ottilie"})

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert stored(draft) == "Käthe Ottilie"
    page.form(0).fill({NAME: "Ottilie"}).submit(client)
    assert stored(draft) == "Ottilie"
