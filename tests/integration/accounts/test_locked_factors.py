"""A factor that its owner has locked, and how it is opened again."""

import pytest
import sqlalchemy as sa

from servicekonto.accounts import commands, events, factors
from servicekonto.accounts.factor_models import (
    PasswordCredential,
    TotpCredential,
)
from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.notifications.models import Mail
from tests.builders.accounts import PASSWORD, age_the_proof, create_account, encoded_hash
from tests.builders.factors import code_of, create_passkey, create_recovery_codes, create_totp
from tests.support.client import PageClient
from tests.support.published import Published

SECURITY = "/konto/sicherheit"

pytestmark = pytest.mark.usefixtures("erika_is_signed_in")


def test_the_owner_locks_without_holding_it_and_opens_by_using_it(client: PageClient, erika: Account) -> None:
    credential = create_totp(erika)
    page = client.get(f"{SECURITY}/app/{credential.id}")
    with Published.of(events.FactorLocked) as published:
        page.form("/sperren").submit(client)
    db.session.expire_all()
    assert credential.locked_at is not None and len(published.events) == 1

    page = client.get(f"{SECURITY}/app/{credential.id}")
    with Published.of(events.FactorUnlocked) as published:
        page.form(f"/app/{credential.id}").submit(client, code=code_of(credential))

    assert published.one(events.FactorUnlocked).kind == "totp"
    db.session.expire_all()
    assert credential.locked_at is None


def test_the_owner_is_told_that_a_lock_was_opened_and_can_disavow_it(
    client: PageClient, erika: Account
) -> None:
    credential = create_totp(erika)
    with unit_of_work():
        factors.lock(credential, erika, at=clock.now())

    page = client.get(f"{SECURITY}/app/{credential.id}")
    page.form(page.path).submit(client, code=code_of(credential))

    mails = db.session.scalars(sa.select(Mail).order_by(Mail.id)).all()
    assert [mail.template for mail in mails] == ["factor_locked", "factor_unlocked"]
    assert "/war-ich-nicht/" in (mails[-1].body or "")


def test_using_what_is_open_tells_nobody_of_a_lock(client: PageClient, erika: Account) -> None:
    page = client.follow(client.get(SECURITY).form("/sicherheit/app").submit(client))
    new = db.session.scalars(sa.select(TotpCredential)).one()

    with Published.of(events.FactorUnlocked) as published:
        page.form(page.path).submit(client, code=code_of(new))

    assert published.events == []


@pytest.mark.parametrize("kind", ["app", "passkey"])
def test_a_step_up_says_what_is_locked_and_where_to_open_it(
    client: PageClient, erika: Account, kind: str
) -> None:
    locked = create_totp(erika) if kind == "app" else create_passkey(erika)[0]
    with unit_of_work():
        factors.lock(locked, erika, at=clock.now())

    page = client.get("/anmelden/bestaetigen")
    refused = client.checked(page.form("/anmelden/bestaetigen").submit(client, password=PASSWORD), 422)

    for shown in (page, refused):
        assert "Ein zweiter Faktor ist gesperrt" in shown.text
        assert shown.select(f"main a[href='{SECURITY}/{kind}/{locked.id}']")


def test_a_step_up_says_nothing_of_locks_where_there_are_none(client: PageClient, erika: Account) -> None:
    create_totp(erika)
    with unit_of_work():
        factors.lock(create_totp(create_account()), erika, at=clock.now())

    assert "gesperrt" not in client.get("/anmelden/bestaetigen").text


def test_who_has_locked_the_only_app_opens_it_by_a_code_from_paper_and_the_app(
    client: PageClient, erika: Account
) -> None:
    credential = create_totp(erika)
    _sheet, codes = create_recovery_codes(erika)
    with unit_of_work():
        factors.lock(credential, erika, at=clock.now())
    age_the_proof()

    page = client.get(f"{SECURITY}/app/{credential.id}")
    assert page.form(page.path).submit(client, code=code_of(credential)).location == "/anmelden/bestaetigen"
    confirm = client.get("/anmelden/bestaetigen")
    confirm.form("/anmelden/bestaetigen").submit(client, password=PASSWORD, code=codes[1])
    page = client.get(confirm.link("Handy"))
    page.form(page.path).submit(client, code=code_of(credential))

    db.session.expire_all()
    assert credential.locked_at is None


def test_a_lock_is_possible_long_after_the_last_proof(client: PageClient, erika: Account) -> None:
    passkey, _authenticator = create_passkey(erika)
    age_the_proof()

    client.get(f"{SECURITY}/passkey/{passkey.id}").form("/sperren").submit(client)

    db.session.expire_all()
    assert passkey.locked_at is not None


def test_a_locked_password_is_opened_by_a_new_one(client: PageClient, erika: Account) -> None:
    password = db.session.scalars(sa.select(PasswordCredential)).one()
    client.get(f"{SECURITY}/passwort/{password.id}").form("/sperren").submit(client)
    assert "Neues Passwort festlegen" in client.get(f"{SECURITY}/passwort/{password.id}").text

    db.session.expire_all()
    with unit_of_work():
        commands.set_password(erika, encoded_hash("ein anderes langes passwort"), at=clock.now())

    db.session.expire_all()
    assert password.locked_at is None


def test_a_locked_app_is_not_opened_by_guessing(client: PageClient, erika: Account) -> None:
    credential = create_totp(erika)
    page = client.get(f"{SECURITY}/app/{credential.id}")
    page.form("/sperren").submit(client)
    page = client.get(f"{SECURITY}/app/{credential.id}")
    for _guess in range(5):
        page.form(page.path).submit(client, code="000000")

    assert page.form(page.path).submit(client, code=code_of(credential)).status_code == 422
    db.session.expire_all()
    assert credential.locked_at is not None
