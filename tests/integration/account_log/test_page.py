"""The owner of an account reads what has happened to it, and by whom, but never by which clerk."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from servicekonto import audit
from servicekonto.account_log.sentences import SENTENCES
from servicekonto.accounts.models import Account, AccountKind
from servicekonto.audit import Action
from servicekonto.audit.actions import DECLARED, ObjectKind
from servicekonto.audit.queries import PAGE_SIZE
from servicekonto.core.db import db, unit_of_work
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.authorities import create_staff_member
from tests.support.client import PageClient

LOG = "/konto/protokoll"
PAYLOADS: dict[str, Any] = {
    "kind": "passkey",
    "by_reset": 1,
    "names": ["given_names", "address"],
    "level": "substantial",
    "document_kind": "identity_card",
    "purpose": "processing",
    "reference": "INC-2026-118",
    "role": "clerk",
    "client_id": "0190a0a0-0000-4000-8000-000000000001",
}


@pytest.fixture
def owner(client: PageClient) -> Account:
    account = create_account()
    sign_in(client, account)
    return account


def happened(owner: Account, action: Action, *, by: Account | None = None, **more: Any) -> None:
    declared = DECLARED[action]
    is_own = declared.object_kind is ObjectKind.ACCOUNT
    with unit_of_work():
        audit.record(
            action,
            owner.id if is_own else uuid4(),
            by=by,
            account_id=owner.id,
            **{"authority_id": None, "at": SOME_DAY, **{key: PAYLOADS[key] for key in declared.keys}, **more},
        )


def rows(client: PageClient, query: str = "") -> list[str]:
    return client.get(LOG + query).texts("tbody tr")


@pytest.mark.parametrize("action", list(SENTENCES))
def test_every_act_on_an_account_is_one_plain_sentence(
    client: PageClient, owner: Account, action: Action
) -> None:
    happened(owner, action, by=owner)

    (row,) = rows(client)
    assert str(SENTENCES[action]) in row and row.endswith(" Sie")


@pytest.mark.parametrize(
    ("action", "details"),
    [
        (Action.FACTOR_REMOVED, "Passkey"),
        (Action.PASSWORD_CHANGED, "über einen Link, der per E-Mail kam"),
        (Action.ATTRIBUTE_VERIFIED, "Anschrift, Vornamen"),
        (Action.REQUEST_OPENED, "Zum Antrag"),
    ],
)
def test_the_sentence_is_followed_by_what_is_known_more_exactly(
    client: PageClient, owner: Account, action: Action, details: str
) -> None:
    happened(owner, action)

    assert details in rows(client)[0]


def test_a_code_without_words_and_an_emptied_payload_leave_the_sentence_alone(
    client: PageClient, owner: Account
) -> None:
    happened(owner, Action.FACTOR_ADDED, kind="something-new")

    (row,) = rows(client)
    assert "Ein Anmeldeverfahren wurde hinzugefügt. das Servicekonto" in row


def test_who_acted_is_said_in_words_and_a_clerk_is_never_named(client: PageClient, owner: Account) -> None:
    clerk = create_staff_member(display_name="Sabine Sorgfalt")
    operator = create_account(kind=AccountKind.OPERATOR)
    happened(owner, Action.REQUEST_OPENED, by=clerk.account, authority_id=clerk.authority_id)
    happened(owner, Action.REQUEST_OPENED, by=clerk.account, authority_id=uuid4())
    happened(owner, Action.ACCOUNT_LOCKED, by=operator)
    happened(owner, Action.PASSWORD_DISABLED)

    page = client.get(LOG)

    assert {row.split(".")[-1].split(")")[-1].strip() for row in page.texts("tbody tr")} == {
        f"eine Behörde: {clerk.authority.name}",
        "eine Behörde",
        "der Betrieb des Servicekontos",
        "das Servicekonto",
    }
    assert "Sabine" not in page.text and "Sorgfalt" not in page.text


def test_nobody_reads_about_the_account_of_somebody_else(client: PageClient, owner: Account) -> None:
    happened(create_account(), Action.PASSWORD_DISABLED)
    happened(create_account(), Action.PASSWORD_DISABLED, by=owner)

    assert "Noch keine Einträge" in client.get(LOG).text


def test_a_long_list_goes_on_and_takes_the_same_number_of_queries(
    client: PageClient, owner: Account, queries: list[str]
) -> None:
    for number in range(PAGE_SIZE + 2):
        happened(owner, Action.PASSWORD_DISABLED, at=SOME_DAY + timedelta(minutes=number))
    db.session.expunge_all()
    queries.clear()

    page = client.get(LOG)
    asked = len(queries)
    last = client.get(page.link("Nächste Seite"))

    assert (len(page.select("tbody tr")), len(last.select("tbody tr"))) == (PAGE_SIZE, 2)
    assert asked <= 3, queries
    assert not last.has_link("Nächste Seite")


@pytest.mark.parametrize("query", ["nach=x", "nach=0001-01-01T00:00:00%2B14:00~x", "nach=" + "a" * 500])
def test_an_address_changed_by_hand_is_refused(client: PageClient, owner: Account, query: str) -> None:
    client.get(f"{LOG}?{query}", status=422)


@pytest.mark.parametrize("kind", list(AccountKind))
def test_the_account_page_leads_there(client: PageClient, kind: AccountKind) -> None:
    sign_in(client, create_account(kind=kind))

    assert client.get("/konto").link("Protokoll") == LOG
