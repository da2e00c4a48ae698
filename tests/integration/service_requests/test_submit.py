"""From the check page to the receipt."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.core.ids import normalise_reference
from servicekonto.jobs.models import Job
from servicekonto.service_requests import events
from servicekonto.service_requests.commands import drafts
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.requests import (
    complete_answers,
    create_draft,
    put_birth_certificates_online,
    submit,
)
from tests.support.client import PageClient
from tests.support.published import Published

pytestmark = pytest.mark.usefixtures("database")


def test_a_submitted_request_has_one_reference_its_history_and_its_events() -> None:
    put_birth_certificates_online()
    draft = create_draft()

    with Published.of(events.RequestSubmitted, events.RequestReceived) as published:
        submit(draft)

    assert draft.status is Status.RECEIVED
    assert draft.reference and normalise_reference(draft.reference) == draft.reference
    assert (draft.submitted_at, draft.received_at) == (SOME_DAY, SOME_DAY)
    assert draft.authority and draft.authority.key == "hanau"
    assert draft.competence_reason
    assert draft.input is None
    assert draft.answers and draft.answers["applicant"]["family_name"] == "Müßig-Groß"
    assert draft.signer_account_id == draft.account_id
    assert [event.subject_id for event in published.events] == [draft.id, draft.id]
    kinds = set(db.session.scalars(sa.select(Job.kind)))
    assert {"make_receipt", "send_mail"} <= kinds


def test_submitting_again_changes_nothing() -> None:
    put_birth_certificates_online()
    request = submit(create_draft())
    reference, events_before = request.reference, request.event_count

    with Published.of(events.RequestSubmitted) as published:
        drafts.submit(request, None, destination=None, by=request.account, at=SOME_DAY + timedelta(days=1))  # type: ignore[arg-type]

    assert (request.reference, request.event_count, request.submitted_at) == (
        reference,
        events_before,
        SOME_DAY,
    )
    assert published.events == []


def test_nothing_of_the_answers_is_readable_in_the_database() -> None:
    put_birth_certificates_online()
    submit(create_draft())

    for table in ("service_request", "service_request_name", "request_event", "job", "mail"):
        stored = str(db.session.execute(sa.text(f"select * from {table}")).all())  # noqa: S608
        for word in ("Müßig", "Jörg", "Erfundener", "joerg@"):
            assert word not in stored and repr(word.encode())[2:-1] not in stored, f"{word} in {table}"


def test_the_check_page_shows_everything_and_leads_to_the_receipt(client: PageClient) -> None:
    put_birth_certificates_online()
    account = create_account()
    draft = create_draft(account)
    sign_in(client, account)

    page = client.get(f"/antraege/{draft.id}/pruefen")
    assert "Müßig-Groß" in page.text and "rechtlich wirksamen Antrag" in page.text
    receipt = client.follow(page.form("/einreichen").submit(client))

    db.session.refresh(draft)
    assert draft.reference and draft.reference in receipt.text
    assert client.get(f"/antraege/{draft.id}").text
    assert client.get("/antraege/").text


def test_an_incomplete_draft_is_not_submitted_and_says_what_is_missing_with_links(client: PageClient) -> None:
    put_birth_certificates_online()
    account = create_account()
    draft = create_draft(account)
    sign_in(client, account)
    form = client.get(f"/antraege/{draft.id}/pruefen").form("/einreichen")
    drafts.save(draft, {"purpose": "", "correct": ""}, at=SOME_DAY)

    page = client.checked(form.submit(client), 422)

    assert "Es fehlt noch etwas" in page.messages
    assert page.select(f"a[href='/antraege/{draft.id}/seite/zweck']")
    assert not page.select("form[action$='/einreichen']")
    assert (draft.status, draft.reference, draft.event_count) == (Status.DRAFT, None, 1)
    assert draft.input and draft.input["applicant"]["family_name"] == "Müßig-Groß"


def test_an_office_that_is_not_online_is_named_and_the_filled_form_can_be_printed(client: PageClient) -> None:
    account = create_account()
    draft = create_draft(account, answers=complete_answers(birth_place={"text": "Kassel"}))
    sign_in(client, account)

    page = client.get(f"/antraege/{draft.id}/pruefen")
    assert "Diese Stelle nimmt den Antrag noch nicht online an" in page.messages
    assert "Kassel" in page.text
    assert not page.select("form[action$='/einreichen']")

    printed = client.client.get(page.link("Ausgefüllten Antrag als PDF"))
    assert (printed.status_code, printed.mimetype) == (200, "application/pdf")
    assert printed.data.startswith(b"%PDF-") and "attachment" in printed.headers["Content-Disposition"]


def test_an_office_that_goes_offline_meanwhile_gets_nothing(client: PageClient) -> None:
    put_birth_certificates_online()
    account = create_account()
    draft = create_draft(account)
    sign_in(client, account)
    form = client.get(f"/antraege/{draft.id}/pruefen").form("/einreichen")
    db.session.execute(sa.text("update offer set online_until = '2026-01-31'"))

    page = client.checked(form.submit(client), 422)

    assert "Diese Stelle nimmt den Antrag noch nicht online an" in page.messages
    assert draft.status is Status.DRAFT


def test_the_form_of_an_incomplete_draft_cannot_be_printed(client: PageClient) -> None:
    account = create_account()
    draft = create_draft(account, answers={"relation": "self"})
    sign_in(client, account)

    client.get(f"/antraege/{draft.id}/formular.pdf", status=409)


def test_the_receipt_is_a_pdf_with_the_answers_for_machines(client: PageClient) -> None:
    put_birth_certificates_online()
    account = create_account()
    request = submit(create_draft(account))
    sign_in(client, account)

    answers = [client.client.get(f"/antraege/{request.id}/dokumente/receipt") for _ in range(2)]

    assert answers[0].data.startswith(b"%PDF-")
    assert answers[0].data == answers[1].data
    assert b"antrag.json" in answers[0].data
    policy = answers[0].headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "sandbox"} <= set(policy)
    assert str(request.reference) in answers[0].headers["Content-Disposition"]
    client.get(f"/antraege/{request.id}/dokumente/decision", status=404)


def test_two_places_of_birth_are_two_requests_with_two_references() -> None:
    put_birth_certificates_online()
    account = create_account()

    requests = [submit(create_draft(account)) for _ in range(3)]

    assert len({request.reference for request in requests}) == 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ServiceRequest)) == 3
    assert json.dumps([request.answers for request in requests])
