"""Messages both ways, and notes that never leave the authority."""

import pytest
import sqlalchemy as sa

from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import Scope, apply_scope, scoped
from servicekonto.notices.documents import decision_data
from servicekonto.notifications.models import Mail
from servicekonto.postbox.models import Message
from servicekonto.service_requests.commands import conversation
from servicekonto.service_requests.conversation_models import InternalNote, RequestMessage
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.receipts import receipt_data
from servicekonto.service_requests.status import Status
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.requests import Registry, create_registry, create_service_request
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")

QUESTION = "Wann kommt die Urkunde?\n\nIch brauche sie am Freitag."
ANSWER = "Wir haben sie heute zur Post gegeben."
SECRET = "Wirkt nervös, bitte Ausweis genau prüfen"


@pytest.fixture
def registry() -> Registry:
    return create_registry()


@pytest.fixture
def running(registry: Registry) -> ServiceRequest:
    return create_service_request(status=Status.IN_REVIEW, registry=registry)


def mails() -> list[tuple[str, str]]:
    rows = db.session.scalars(sa.select(Mail).order_by(Mail.id))
    return [(mail.template, mail.body or "") for mail in rows]


def test_both_sides_see_one_conversation(
    client: PageClient, running: ServiceRequest, registry: Registry
) -> None:
    sign_in(client, running.account)
    page = client.get(client.get(f"/antraege/{running.id}").link("Nachricht schreiben"))
    asked = client.follow(page.form("/nachricht").submit(client, body=QUESTION))
    sign_in(client, registry.clerk.account)
    page = client.get(f"/behoerde/antraege/{running.id}/nachricht")
    answered = client.follow(page.form("/nachricht").submit(client, body=ANSWER))
    sign_in(client, running.account)
    read = client.get(f"/antraege/{running.id}")

    assert "Ihre Nachricht ist bei der Behörde." in asked.messages
    for seen in (answered, read):
        texts = seen.texts(".sk-conversation__entry p.kern-body")
        assert texts == ["Wann kommt die Urkunde?", "Ich brauche sie am Freitag.", ANSWER]
    assert "Sabine Sorgfalt" in answered.text
    assert "Sabine Sorgfalt" not in read.text


def test_an_answer_lies_in_the_postbox_and_the_mail_does_not_say_what(
    running: ServiceRequest, registry: Registry
) -> None:
    with unit_of_work():
        conversation.reply(running, ANSWER, by=registry.clerk, at=SOME_DAY)

    message = db.session.scalars(sa.select(Message)).one()
    template, body = mails()[-1]
    assert (message.body, message.sender, message.account_id) == (
        ANSWER,
        registry.clerk.authority.name,
        running.account_id,
    )
    assert template == "news_in_postbox"
    assert ANSWER not in body


def test_what_the_citizen_wrote_is_marked_until_somebody_reads_or_answers(
    client: PageClient, running: ServiceRequest, registry: Registry
) -> None:
    with unit_of_work():
        conversation.write(running, QUESTION, by=running.account, at=SOME_DAY)
        conversation.write(running, "Noch etwas.", by=running.account, at=SOME_DAY)
    sign_in(client, registry.clerk.account)

    marked = client.get("/behoerde/")
    page = client.get(f"/behoerde/antraege/{running.id}")
    client.follow(page.form("/gelesen").submit(client))

    assert "2 neue Nachrichten" in marked.text
    assert len(page.select(".sk-conversation__entry--unread")) == 2
    assert "neue Nachricht" not in client.get("/behoerde/").text
    assert not client.get(f"/behoerde/antraege/{running.id}").select(".sk-conversation__entry--unread")


def test_answering_marks_as_read(running: ServiceRequest, registry: Registry) -> None:
    with unit_of_work():
        conversation.write(running, QUESTION, by=running.account, at=SOME_DAY)
        conversation.reply(running, ANSWER, by=registry.clerk, at=SOME_DAY)

    assert running.unread_count == 0
    unread = sa.select(RequestMessage).where(
        RequestMessage.authority_id.is_(None), RequestMessage.read_at.is_(None)
    )
    assert db.session.scalars(unread).all() == []


@pytest.mark.parametrize("path", ["antraege", "behoerde/antraege"])
def test_an_empty_message_is_refused_and_nothing_is_stored(
    path: str, client: PageClient, running: ServiceRequest, registry: Registry
) -> None:
    sign_in(client, running.account if path == "antraege" else registry.clerk.account)
    page = client.get(f"/{path}/{running.id}/nachricht")

    refused = client.checked(page.form("/nachricht").submit(client, body="  "), 422)

    assert list(refused.errors) == ["body"]
    assert db.session.scalars(sa.select(RequestMessage)).all() == []


def test_the_same_form_sent_twice_is_one_message(client: PageClient, running: ServiceRequest) -> None:
    sign_in(client, running.account)
    form = client.get(f"/antraege/{running.id}/nachricht").form("/nachricht").fill(body=QUESTION)

    assert {form.submit(client).status_code for _ in range(2)} == {303}

    assert len(db.session.scalars(sa.select(RequestMessage)).all()) == 1
    assert db.session.scalar(sa.select(ServiceRequest.unread_count).filter_by(id=running.id)) == 1


def test_a_stranger_and_another_authority_find_nothing(client: PageClient, running: ServiceRequest) -> None:
    sign_in(client, create_account())
    client.get(f"/antraege/{running.id}/nachricht", status=404)
    sign_in(client, create_staff_member(authority="gelnhausen").account)
    client.get(f"/behoerde/antraege/{running.id}/nachricht", status=404)


def test_colleagues_read_a_note_with_name_and_time(
    client: PageClient, running: ServiceRequest, registry: Registry
) -> None:
    sign_in(client, registry.clerk.account)
    page = client.get(f"/behoerde/antraege/{running.id}")
    client.follow(page.form("/notiz").submit(client, note=SECRET))
    sign_in(client, registry.approver.account)

    seen = client.get(f"/behoerde/antraege/{running.id}").text

    assert SECRET in seen
    assert "Sabine Sorgfalt" in seen


@pytest.mark.parametrize(
    "status", [Status.IN_REVIEW, Status.NOTIFIED, Status.CLOSED, Status.WITHDRAWN, Status.DECISION_PROPOSED]
)
def test_no_page_mail_message_or_document_of_a_citizen_ever_contains_a_note(
    status: Status, client: PageClient, registry: Registry
) -> None:
    found = create_service_request(status=status, registry=registry)
    with unit_of_work():
        conversation.take_note(found, SECRET, by=registry.clerk, at=SOME_DAY)
        conversation.reply(found, ANSWER, by=registry.clerk, at=SOME_DAY)
    sign_in(client, found.account)

    seen = list(pages_from(client, f"/antraege/{found.id}", "/", "/antraege/", "/postfach/"))
    seen += [body for _template, body in mails()]
    seen += [message.body or "" for message in db.session.scalars(sa.select(Message))]
    seen += [repr(receipt_data(found))] + ([repr(decision_data(found))] if status is Status.NOTIFIED else [])

    assert len(seen) > 8
    assert any(ANSWER in text for text in seen)
    assert [text for text in seen if "nervös" in text] == []


def pages_from(client: PageClient, *addresses: str) -> list[str]:
    """Everything that can be reached by links from here, pages and documents."""
    waiting, seen = list(addresses), dict[str, str]()
    while waiting:
        address = waiting.pop()
        answer = client.client.get(address)
        seen[address] = answer.get_data(as_text=False).decode("utf-8", "replace")
        if answer.mimetype == "text/html" and answer.status_code == 200:
            links = client.checked(answer, 200).select("main a[href^='/antraege'], main a[href^='/postfach']")
            waiting += [str(a["href"]) for a in links if str(a["href"]) not in {*seen, *waiting}]
    return list(seen.values())


@pytest.mark.only("postgresql")
def test_row_level_security_shows_a_note_to_its_authority_only(
    running: ServiceRequest, registry: Registry
) -> None:
    elsewhere = create_staff_member(authority="gelnhausen")
    with unit_of_work():
        conversation.take_note(running, SECRET, by=registry.clerk, at=SOME_DAY)

    clerk = registry.clerk
    assert notes_seen_by(Scope(account_id=clerk.account_id, authority_id=clerk.authority_id)) == 1
    assert notes_seen_by(Scope(account_id=running.account_id)) == 0
    assert notes_seen_by(Scope(account_id=clerk.account_id)) == 0
    assert notes_seen_by(Scope(account_id=elsewhere.account_id, authority_id=elsewhere.authority_id)) == 0
    assert notes_seen_by(Scope()) == 0


def notes_seen_by(scope: Scope) -> int:
    with scoped(scope):
        apply_scope(db.session.connection())
        return db.session.scalar(sa.select(sa.func.count()).select_from(InternalNote)) or 0
