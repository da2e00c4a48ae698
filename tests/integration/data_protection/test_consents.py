from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import commands as accounts
from servicekonto.accounts import queries as accounts_queries
from servicekonto.accounts.models import Account, PersonalAttribute
from servicekonto.audit import Action
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ConflictError
from servicekonto.data_protection import queries
from servicekonto.data_protection.commands import consents
from servicekonto.data_protection.purposes import WORDINGS, Purpose
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.requests import put_birth_certificates_online
from tests.builders.town import PERSONAL_DATA
from tests.support.audit_trail import Trail
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")

STORAGE = Purpose.PERMANENT_STORAGE


def kept(account: Account) -> int:
    query = sa.select(sa.func.count()).where(PersonalAttribute.account_id == account.id)
    return db.session.scalar(query) or 0


def test_without_consent_nothing_about_the_person_is_kept() -> None:
    account = create_account()

    with pytest.raises(ConflictError), unit_of_work():
        accounts.save_personal_data(account, {"family_name": "Muster"}, by=account, at=SOME_DAY)

    assert kept(account) == 0


def test_the_page_of_personal_data_asks_for_consent_and_leads_back_to_itself(client: PageClient) -> None:
    account = create_account()
    sign_in(client, account)
    page = client.get("/konto/daten")
    assert page.select("main form") == []

    page = client.get(page.link("Zur Einwilligung"))
    page = client.follow(page.form("/permanent_storage").submit(client))

    assert page.path == "/konto/daten"
    done = client.follow(page.form("/konto/daten").submit(client, family_name="Muster"))
    assert done.messages == ["Ihre Angaben sind gespeichert."]
    assert kept(account) > 0


def test_withdrawing_deletes_what_was_kept_after_asking_once(client: PageClient) -> None:
    account = create_account(values=PERSONAL_DATA)
    sign_in(client, account)
    page = client.get("/konto/einwilligungen")
    page = client.get(page.link("Widerrufen"))
    assert "sofort gelöscht" in page.text
    assert kept(account) == len(PERSONAL_DATA)

    done = client.follow(page.form("/widerrufen").submit(client))

    assert done.messages == ["Ihre Einwilligung ist widerrufen."]
    assert kept(account) == 0
    db.session.expire_all()
    assert set(accounts_queries.prefill_values(account)) == {"account.email"}


def test_after_withdrawing_a_new_request_is_not_filled_in_beforehand(client: PageClient) -> None:
    put_birth_certificates_online()
    account = create_account(values=PERSONAL_DATA)
    sign_in(client, account)
    with unit_of_work():
        consents.withdraw(account, STORAGE, by=account, at=SOME_DAY)

    begun = client.get("/leistungen/geburtsurkunde").form("/antraege/neu/geburtsurkunde")
    page = client.follow(begun.submit(client))

    assert "Müßig-Groß" not in page.text


def test_the_history_stays_and_each_period_is_a_row(client: PageClient) -> None:
    account = create_account()
    with unit_of_work():
        for day in (0, 2):
            consents.give(account, STORAGE, by=account, at=SOME_DAY + timedelta(days=day))
            consents.withdraw(account, STORAGE, by=account, at=SOME_DAY + timedelta(days=day + 1))
        consents.give(account, STORAGE, by=account, at=SOME_DAY + timedelta(days=4))

    history = queries.consents_of(account)

    days = [
        ((row.given_at - SOME_DAY).days, row.withdrawn_at and (row.withdrawn_at - SOME_DAY).days)
        for row in history
    ]
    assert days == [(4, None), (2, 3), (0, 1)]
    assert {row.text_version for row in history} == {WORDINGS[STORAGE].version}
    sign_in(client, account)
    assert len(client.get("/konto/einwilligungen").select("tbody tr")) == 3


def test_giving_and_withdrawing_twice_is_once() -> None:
    account, trail = create_account(), Trail()

    with unit_of_work():
        for _ in range(2):
            consents.give(account, STORAGE, by=account, at=SOME_DAY)
        for _ in range(2):
            consents.withdraw(account, STORAGE, by=account, at=SOME_DAY)

    assert trail.actions == [Action.CONSENT_GIVEN, Action.CONSENT_WITHDRAWN]
    assert trail.entries[0].payload == {"purpose": "permanent_storage"}


def test_an_unknown_purpose_is_not_found(client: PageClient) -> None:
    sign_in(client, create_account())

    assert client.client.get("/konto/einwilligungen/werbung/widerrufen").status_code == 404


def test_another_persons_consent_is_untouched() -> None:
    account, other = create_account(values=PERSONAL_DATA), create_account(values=PERSONAL_DATA)

    with unit_of_work():
        consents.withdraw(account, STORAGE, by=account, at=SOME_DAY)

    assert queries.has_consent(other, STORAGE)
    assert kept(other) == len(PERSONAL_DATA)


def test_every_purpose_has_a_wording() -> None:
    assert set(WORDINGS) == set(Purpose)
