""" "That was not me": what a link in a mail about a new device, factor or password does."""

import sqlalchemy as sa

from servicekonto.accounts import commands, factors, sessions, totp
from servicekonto.accounts.factor_models import PasswordCredential
from servicekonto.accounts.history_models import KnownDevice
from servicekonto.accounts.models import (
    Account,
    AssuranceLevel,
)
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from tests.builders.accounts import PASSWORD
from tests.builders.factors import create_totp
from tests.integration.accounts.recovery import ANOTHER_PASSWORD, OLD, change, link_in, mails_to, press
from tests.support.client import PageClient


def test_that_was_not_me_closes_everything_and_leads_back_in(client: PageClient, erika: Account) -> None:
    """Somebody has the password, signs in on a new device and adds an app of theirs."""
    for _browser in range(2):
        stranger = PageClient(client.app)
        stranger.get("/anmelden").form("/anmelden").submit(stranger, email=OLD, password=PASSWORD)
    with unit_of_work():
        credential = create_totp_now(erika)
    own = create_totp(erika)
    (mail,) = [mail for mail in mails_to(OLD) if mail.template == "new_device"]

    assert press(client, link_in(mail)) == 303

    db.session.expire_all()
    assert sessions.running_sessions(erika, at=clock.now()) == []
    assert db.session.scalars(sa.select(PasswordCredential)).one().locked_at is not None
    assert credential.locked_at is not None and own.locked_at is None
    assert db.session.scalars(sa.select(KnownDevice)).all() == []
    page = client.get(link_in(mails_to(OLD)[-1]))
    page.form("/passwort-neu/" + page.path.rpartition("/")[2]).submit(client, new_password=ANOTHER_PASSWORD)
    assert db.session.scalars(sa.select(PasswordCredential)).one().locked_at is None


def test_a_factor_that_only_a_stranger_has_does_not_keep_the_owner_outside(
    client: PageClient, erika: Account
) -> None:
    with unit_of_work():
        create_totp_now(erika)
    (mail,) = [mail for mail in mails_to(OLD) if mail.template == "factor_added"]

    press(client, link_in(mail))
    page = client.get(link_in(mails_to(OLD)[-1]))
    page.form(page.path).submit(client, new_password=ANOTHER_PASSWORD)
    form = client.get("/anmelden").form("/anmelden")

    assert form.submit(client, email=OLD, password=ANOTHER_PASSWORD).status_code == 303


def create_totp_now(account: Account) -> factors.Factor:
    credential = totp.begin(account, "Fremdes Handy", level=AssuranceLevel.LOW, at=clock.now())
    factors.confirm(credential, account, at=clock.now())
    return credential


def test_the_first_device_is_no_news_and_a_known_one_neither(client: PageClient, erika: Account) -> None:
    for _visit in range(2):
        client.get("/anmelden").form("/anmelden").submit(client, email=OLD, password=PASSWORD)
        client.client.delete_cookie("servicekonto", domain="localhost")

    assert [mail.template for mail in mails_to(OLD)] == []


def test_whoever_took_the_account_cannot_withdraw_the_link_that_protects(
    client: PageClient, erika: Account
) -> None:
    with unit_of_work():
        commands.request_password_reset(OLD, at=clock.now())
    change(client, erika)
    page = client.get(link_in(next(mail for mail in mails_to(OLD) if mail.template == "reset_password")))
    page.form(page.path).submit(client, new_password=ANOTHER_PASSWORD)
    announced = next(mail for mail in mails_to(OLD) if mail.template == "email_change_announced")

    assert client.client.get(link_in(announced)).status_code == 200
