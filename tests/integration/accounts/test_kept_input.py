"""What was typed when a session had ended is there again for the same person, and for nobody else."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from servicekonto.accounts import kept_input
from servicekonto.accounts.kept_input import KeptInput
from servicekonto.accounts.models import Account
from servicekonto.accounts.tasks import purge_old_rows
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.requests import create_draft, create_registry, create_service_request
from tests.support.client import PageClient
from tests.support.page import Form, Page

TYPED = "Wilhelmine Ottilie"
NAME = "applicant.given_names"


@pytest.fixture
def draft(database: None) -> ServiceRequest:
    return create_draft(create_account())


def page_of(draft: ServiceRequest) -> str:
    return f"/antraege/{draft.id}/seite/ihre-angaben"


def leave_open(client: PageClient, path: str, owner: Account) -> Form:
    """The form of a page whose session ends while somebody types."""
    sign_in(client, owner, at=clock.now() - timedelta(minutes=59))
    form = client.get(path).form(0)
    sign_in(client, owner, at=clock.now() - timedelta(hours=2))
    return form


def signs_in(client: PageClient, account: Account) -> Page:
    page = client.get("/anmelden")
    return client.follow(page.form("/anmelden").submit(client, email=account.email, password=PASSWORD))


def test_what_was_typed_is_there_again_and_not_saved_yet(client: PageClient, draft: ServiceRequest) -> None:
    answer = leave_open(client, page_of(draft), draft.account).submit(client, {NAME: TYPED})
    assert answer.location == "/anmelden"

    page = signs_in(client, draft.account)

    assert page.path == page_of(draft)
    assert page.form(0).values[NAME] == [TYPED]
    assert "Ihre Eingaben sind noch da" in page.messages
    db.session.expire_all()
    assert (draft.input or {})["applicant"]["given_names"] != TYPED


def test_reading_it_twice_is_possible_and_saving_ends_it(client: PageClient, draft: ServiceRequest) -> None:
    leave_open(client, page_of(draft), draft.account).submit(client, {NAME: TYPED})
    signs_in(client, draft.account)
    page = client.get(page_of(draft))

    page.form(0).submit(client)

    db.session.expire_all()
    assert (draft.input or {})["applicant"]["given_names"] == TYPED
    assert db.session.scalars(sa.select(KeptInput)).all() == []
    assert client.get(page_of(draft)).messages == []


def test_a_message_is_not_lost_either(client: PageClient, database: None) -> None:
    sent = create_service_request(status=Status.IN_REVIEW, registry=create_registry())
    leave_open(client, f"/antraege/{sent.id}/nachricht", sent.account).submit(
        client, body="Wann ist es so weit?"
    )

    page = signs_in(client, sent.account)

    assert page.form(0).values["body"] == ["Wann ist es so weit?"]


def test_somebody_else_at_the_same_browser_does_not_get_it(client: PageClient, draft: ServiceRequest) -> None:
    leave_open(client, page_of(draft), draft.account).submit(client, {NAME: TYPED})
    other = create_account()
    page = client.get("/anmelden")

    answer = page.form("/anmelden").submit(client, email=other.email, password=PASSWORD)

    assert client.follow(answer, status=404).path == page_of(draft)


def test_another_browser_of_the_same_person_does_not_get_it(
    client: PageClient, draft: ServiceRequest
) -> None:
    leave_open(client, page_of(draft), draft.account).submit(client, {NAME: TYPED})
    elsewhere = PageClient(client.app)
    sign_in(elsewhere, draft.account)

    assert elsewhere.get(page_of(draft)).form(0).values[NAME] != [TYPED]


def test_it_is_given_back_for_an_hour_and_then_deleted(client: PageClient, draft: ServiceRequest) -> None:
    start = clock.now()
    leave_open(client, page_of(draft), draft.account).submit(client, {NAME: TYPED})
    with time_machine.travel(start + timedelta(minutes=61)):
        page = signs_in(client, draft.account)
        with unit_of_work():
            purge_old_rows(at=clock.now())

    assert page.form(0).values[NAME] != [TYPED]
    assert db.session.scalars(sa.select(KeptInput)).all() == []


def test_the_row_alone_reveals_nothing(client: PageClient, draft: ServiceRequest) -> None:
    leave_open(client, page_of(draft), draft.account).submit(client, {NAME: TYPED})
    row = db.session.scalars(sa.select(KeptInput)).one()

    assert TYPED.encode() not in row.sealed
    assert page_of(draft).encode() not in row.sealed


def test_without_a_session_that_ended_nothing_is_kept(client: PageClient, draft: ServiceRequest) -> None:
    form = leave_open(client, page_of(draft), draft.account)
    client.client.set_cookie("servicekonto", "x" * 43, domain="localhost")

    form.submit(client, {NAME: TYPED})

    assert db.session.scalars(sa.select(KeptInput)).all() == []


def test_nobody_fills_the_table_with_a_session_that_ended(client: PageClient, draft: ServiceRequest) -> None:
    for number in range(kept_input.MOST_ROWS + 2):
        leave_open(client, page_of(draft), draft.account).submit(client, {NAME: f"{TYPED} {number}"})
    enough = len(db.session.scalars(sa.select(KeptInput)).all())
    leave_open(client, page_of(draft), draft.account).submit(client, {NAME: "x" * kept_input.MOST_BYTES})

    assert enough == kept_input.MOST_ROWS
    assert len(db.session.scalars(sa.select(KeptInput)).all()) == kept_input.MOST_ROWS


def test_a_form_without_its_token_is_not_kept(client: PageClient, draft: ServiceRequest) -> None:
    """Otherwise another website could put words into the form."""
    leave_open(client, page_of(draft), draft.account)

    client.client.post(page_of(draft), data={NAME: TYPED})

    assert db.session.scalars(sa.select(KeptInput)).all() == []
