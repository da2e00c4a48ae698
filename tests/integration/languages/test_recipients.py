"""Mails, documents and messages are in the language of whoever gets them, whoever acts."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.catalogue.models import Offer
from servicekonto.core.db import db, unit_of_work
from servicekonto.files.typst_pdf import decision_pdf, receipt_pdf
from servicekonto.files.words import WORDS, words
from servicekonto.notices.documents import decision_data
from servicekonto.notifications.models import Mail
from servicekonto.postbox.models import Message
from servicekonto.service_requests.commands import conversation, forwarding
from servicekonto.service_requests.models import Outcome
from servicekonto.service_requests.receipts import receipt_data
from servicekonto.service_requests.status import Status
from servicekonto.web.i18n import in_language
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account
from tests.builders.requests import REASONS, create_registry, create_service_request
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")


def english_citizen() -> Account:
    return create_account(language="en")


def test_a_mail_is_in_the_language_of_the_account() -> None:
    create_service_request(english_citizen())

    mail = db.session.scalars(sa.select(Mail)).one()
    assert mail.subject == "Your request has arrived"
    assert (mail.body or "").startswith("Hello,")


def test_a_clerk_who_reads_german_writes_to_somebody_who_reads_english() -> None:
    registry = create_registry()
    service_request = create_service_request(english_citizen(), registry=registry, status=Status.IN_REVIEW)

    with unit_of_work(), in_language("de"):
        conversation.reply(service_request, "Guten Tag!", by=registry.clerk, at=SOME_DAY)

    message = db.session.scalars(sa.select(Message)).one()
    assert message.subject == "About your request: Birth certificate"
    assert message.body == "Guten Tag!"


def test_a_question_names_the_answers_as_the_citizen_saw_them() -> None:
    create_service_request(english_citizen(), status=Status.INFORMATION_REQUESTED)

    body = db.session.scalars(sa.select(Message)).one().body or ""
    assert "Please check these answers:" in body
    assert "Birth certificate:" in body


def test_whose_request_is_forwarded_is_told_in_their_language() -> None:
    registry, other = create_registry("hanau"), create_registry("gelnhausen")
    service_request = create_service_request(english_citizen(), registry=registry, status=Status.IN_REVIEW)
    offer = _offer_of(other.clerk.authority_id)

    with unit_of_work():
        forwarding.forward(service_request, offer, reason="Geboren dort.", by=registry.clerk, at=SOME_DAY)

    body = db.session.scalars(sa.select(Message)).one().body or ""
    assert body.startswith("Your request is now with another authority")
    assert "Geboren dort." in body


def test_the_receipt_is_in_english_from_the_title_to_the_fees() -> None:
    service_request = create_service_request(english_citizen())

    data, answers = receipt_data(service_request)

    assert (data.language, data.service) == ("en", "Birth certificate")
    assert data.sections[0].answers[0].label == "Whose birth is it about?"
    assert data.fee_total == "€12.00"
    assert data.competence and data.competence.startswith("Zuständig")  # as it was said at the submission
    assert b"/Lang(en-GB)" in receipt_pdf(data, answers=answers)


def test_a_decision_is_in_english_and_its_reasons_stay_as_they_were_written() -> None:
    done = create_service_request(english_citizen(), status=Status.NOTIFIED, outcome=Outcome.REFUSED)

    data = decision_data(done)

    assert data.title == "Decision on your request"
    assert data.outcome == "The request is refused."
    assert data.reasons == tuple(REASONS.split("\n\n"))
    assert data.remedy[0].startswith("You cannot file an objection")
    assert decision_pdf(data).startswith(b"%PDF")
    message = db.session.scalars(sa.select(Message)).one()
    assert message.subject == "Decision: Birth certificate"


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_words_of_a_document_are_there_in_every_language(language: str) -> None:
    assert set(words(language)) == set(WORDS)
    assert all(words(language).values())


def test_whoever_registers_in_english_gets_the_mail_in_english(client: PageClient) -> None:
    client.client.set_cookie("servicekonto-language", "en", domain="localhost")
    client.get("/registrieren").form("/registrieren").submit(
        client, email="new.person@example.org", password=PASSWORD
    )

    mail = db.session.scalars(sa.select(Mail)).one()
    assert mail.subject == "Please confirm your email address"


def _offer_of(authority_id: UUID) -> Offer:
    return db.session.scalars(sa.select(Offer).where(Offer.authority_id == authority_id)).one()
