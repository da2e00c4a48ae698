"""What a person has allowed websites, and since when: kept by the day, and no list of sign-ins."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.audit import Action
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import grants
from servicekonto.oidc.models import WebsiteConsent
from tests.builders.accounts import sign_in
from tests.builders.oidc import Website, agree, code_for, create_website
from tests.support.audit_trail import Trail
from tests.support.client import PageClient

LOG = "/konto/protokoll"
WEBSITES = "/konto/websites"
SOME_EVENING = datetime(2027, 7, 1, 22, 30, 5, tzinfo=UTC)
DAY_IN_GERMANY = datetime(2027, 7, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def allow(account: Account, website: Website, *scopes: str, asked: str = "email", at: datetime) -> None:
    with unit_of_work():
        grants.give_consent(
            account, website.client, {"openid", *scopes}, asked={"openid", *asked.split()}, at=at
        )


def rows() -> list[WebsiteConsent]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(WebsiteConsent)))


def test_agreeing_to_the_same_at_each_sign_in_leaves_one_row_and_one_entry(
    client: PageClient, website: Website, erika: Account, trail: Trail
) -> None:
    begun = clock.now()
    for days in (0, 1, 2):
        with time_machine.travel(begun + timedelta(days=days)):
            sign_in(client, erika, at=clock.now())
            code_for(client, website, "openid email", prompt="consent")

    (consent,) = rows()
    assert consent.withdrawn_at is None
    assert consent.given_at == clock.local_day(begun)
    assert trail.actions.count(Action.WEBSITE_CONNECTED) == 1
    assert Action.WEBSITE_CHANGED not in trail.actions


def test_a_website_that_asks_for_less_for_once_changes_nothing(website: Website, erika: Account) -> None:
    allow(erika, website, "email", "phone", asked="email phone", at=SOME_EVENING)

    allow(erika, website, "email", asked="email", at=SOME_EVENING + timedelta(days=1))

    (consent,) = rows()
    assert consent.scopes == ["email", "openid", "phone"]


@pytest.mark.parametrize(
    ("scopes", "asked"),
    [((), "email"), (("email",), "email phone"), (("email", "phone"), "email phone")],
    ids=["no instead of yes", "asked for more and refused", "asked for more and allowed"],
)
def test_another_answer_or_another_question_is_another_consent(
    website: Website, erika: Account, trail: Trail, scopes: tuple[str, ...], asked: str
) -> None:
    allow(erika, website, "email", at=SOME_EVENING)
    allow(erika, website, *scopes, asked=asked, at=SOME_EVENING + timedelta(days=2))

    former, current = sorted(rows(), key=lambda row: row.given_at)
    assert former.withdrawn_at == current.given_at == DAY_IN_GERMANY + timedelta(days=2)
    assert current.withdrawn_at is None
    assert trail.actions == [Action.WEBSITE_CONNECTED, Action.WEBSITE_CHANGED]


def test_what_is_kept_is_the_day_in_germany_and_never_the_moment(website: Website, erika: Account) -> None:
    allow(erika, website, "email", at=SOME_EVENING)
    with unit_of_work():
        grants.withdraw_consent(erika, website.client.id, at=SOME_EVENING + timedelta(days=1))

    (consent,) = rows()
    assert (consent.connected_at, consent.given_at) == (DAY_IN_GERMANY, DAY_IN_GERMANY)
    assert consent.withdrawn_at == DAY_IN_GERMANY + timedelta(days=1)


def test_connected_since_is_the_first_consent_of_those_that_followed_each_other(
    client: PageClient, website: Website, erika: Account
) -> None:
    allow(erika, website, "email", at=SOME_EVENING)
    allow(erika, website, asked="email phone", at=SOME_EVENING + timedelta(days=3))
    assert "02.07.2027" in client.get(WEBSITES).texts("tbody tr")[0]

    with unit_of_work():
        grants.withdraw_consent(erika, website.client.id, at=SOME_EVENING + timedelta(days=4))
    allow(erika, website, "email", at=SOME_EVENING + timedelta(days=6))

    assert "08.07.2027" in client.get(WEBSITES).texts("tbody tr")[0]


def test_the_page_shows_what_was_allowed_earlier_and_until_when(
    client: PageClient, website: Website, erika: Account
) -> None:
    allow(erika, website, "email", at=SOME_EVENING)
    with unit_of_work():
        grants.withdraw_consent(erika, website.client.id, at=SOME_EVENING + timedelta(days=1))

    page = client.get(WEBSITES)

    assert "Noch keine Website" in page.text
    (row,) = page.texts("tbody tr")
    assert row == "Standesamtsportal Musterstadt E-Mail-Adresse 02.07.2027 03.07.2027"
    assert client.get("/konto/einwilligungen").link("Welche Websites Angaben") == WEBSITES


def test_the_owner_reads_in_their_history_what_a_website_was_allowed(
    client: PageClient, website: Website, erika: Account
) -> None:
    agree(client, website.send(client, scope="openid email"), "email")
    agree(client, website.send(client, scope="openid email", prompt="consent"))
    page = client.get(WEBSITES)
    client.follow(page.form("/trennen").submit(client))

    told = client.get(LOG).texts("tbody tr")[:3]

    sentences = (
        "Eine Website wurde getrennt und darf nichts mehr lesen.",
        "Es wurde geändert, welche Angaben eine Website lesen darf.",
        "Einer Website wurde erlaubt, Angaben aus Ihrem Konto zu lesen.",
    )
    for row, sentence in zip(told, sentences, strict=True):
        assert f"{sentence} Standesamtsportal Musterstadt Sie" in row


def test_the_entry_holds_the_id_of_the_website_and_nothing_of_the_person(
    website: Website, erika: Account, trail: Trail
) -> None:
    allow(erika, website, "email", at=SOME_EVENING)

    entry = trail.one(Action.WEBSITE_CONNECTED)
    assert entry.payload == {"client_id": str(website.client.id)}
    assert (entry.object_id, entry.actor_id) == (erika.id, erika.id)


def test_parting_twice_is_one_entry(website: Website, erika: Account, trail: Trail) -> None:
    allow(erika, website, "email", at=SOME_EVENING)
    for _ in range(2):
        with unit_of_work():
            grants.withdraw_consent(erika, website.client.id, at=SOME_EVENING)

    assert trail.actions == [Action.WEBSITE_CONNECTED, Action.WEBSITE_DISCONNECTED]


def test_many_websites_in_the_history_cost_one_statement_more(
    client: PageClient, erika: Account, queries: list[str]
) -> None:
    for number in range(4):
        allow(erika, create_website(name=f"Portal {number}"), "email", at=SOME_EVENING)
    db.session.expunge_all()
    queries.clear()

    page = client.get(LOG)

    assert "Portal 0" in page.text and "Portal 3" in page.text
    assert len(queries) <= 4, queries
