""" "That was not me" leads back in too when the stranger has announced the end of the account."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import links, queries, recovery
from servicekonto.accounts.models import Account, OneTimeLinkPurpose
from servicekonto.audit import Action
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.data_protection import tasks
from servicekonto.data_protection.commands import deletion
from servicekonto.data_protection.models import AccountDeletion
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import PASSWORD, create_account, is_signed_in, sign_in
from tests.integration.accounts.recovery import (
    ANOTHER_PASSWORD,
    NEW,
    OLD,
    change,
    link_in,
    mails_to,
    press,
)
from tests.support.audit_trail import Trail
from tests.support.client import PageClient


def sign_in_from_elsewhere(app: Servicekonto) -> None:
    """The owner gets a mail about a new device."""
    for _browser in range(2):
        stranger = PageClient(app)
        stranger.get("/anmelden").form("/anmelden").submit(stranger, email=OLD, password=PASSWORD)


def announce_deletion(client: PageClient, account: Account) -> None:
    sign_in(client, account)
    client.get("/konto/loeschen").form("/konto/loeschen").submit(client)


def change_address(client: PageClient, account: Account) -> None:
    change(client, account)
    press(client, link_in(mails_to(NEW)[0]))


def link_of(template: str, address: str = OLD) -> str:
    (mail,) = [mail for mail in mails_to(address) if mail.template == template]
    return link_in(mail)


def can_get_back_in(app: Servicekonto) -> bool:
    """With the link in the mail that says that the account is protected."""
    owner = PageClient(app)
    page = owner.get(link_of("account_secured"))
    page.form(page.path).submit(owner, new_password=ANOTHER_PASSWORD)
    owner.get("/anmelden").form("/anmelden").submit(owner, email=OLD, password=ANOTHER_PASSWORD)
    return is_signed_in(owner)


def is_stopped() -> bool:
    db.session.expire_all()
    return db.session.scalars(sa.select(AccountDeletion)).one().stopped_at is not None


def test_when_the_address_was_changed_before(client: PageClient, erika: Account) -> None:
    change_address(client, erika)
    announce_deletion(client, erika)

    assert press(client, link_of("email_changed_away")) == 303

    assert is_stopped()
    assert "Wir haben es angehalten" in (mails_to(OLD)[-1].body or "")
    assert can_get_back_in(client.app)
    with unit_of_work():
        assert tasks.delete_accounts(at=clock.now() + timedelta(days=30)) == 0


def test_what_the_strangers_mailbox_got_about_the_deletion_is_dead(
    client: PageClient, erika: Account
) -> None:
    change_address(client, erika)
    announce_deletion(client, erika)
    stop = link_of("deletion_requested", NEW)

    press(client, link_of("email_changed_away"))

    client.get(stop, status=404)
    assert mails_to(NEW)[-1].template == "deletion_requested"


def test_when_the_address_stayed_and_the_owner_takes_the_link_of_another_mail(
    client: PageClient, erika: Account
) -> None:
    sign_in_from_elsewhere(client.app)
    announce_deletion(client, erika)

    assert press(client, link_of("new_device")) == 303

    assert is_stopped() and can_get_back_in(client.app)
    client.get(link_of("deletion_requested"), status=404)


def test_when_the_owner_has_stopped_the_deletion_already(client: PageClient, erika: Account) -> None:
    sign_in_from_elsewhere(client.app)
    announce_deletion(client, erika)
    press(client, link_of("deletion_requested"))

    press(client, link_of("new_device"))

    assert "Wir haben es angehalten" not in (mails_to(OLD)[-1].body or "")
    assert can_get_back_in(client.app)


def test_a_change_that_was_only_asked_for_does_not_come_about(client: PageClient, erika: Account) -> None:
    change(client, erika)
    announce_deletion(client, erika)

    press(client, link_of("email_change_announced"))

    client.get(link_of("confirm_new_email", NEW), status=404)
    assert can_get_back_in(client.app)


def test_the_link_works_as_long_as_the_deletion_can_be_stopped(client: PageClient, erika: Account) -> None:
    """The mail was nearly ten days old when the stranger asked for the deletion; its end is 14 days later."""
    change_address(client, erika)
    later = clock.now() + timedelta(days=9.9)
    with unit_of_work():
        deletion.request(erika, by=erika, at=later)

    token = link_of("email_changed_away").rpartition("/")[2]
    with unit_of_work():
        recovery.secure(token, at=later + timedelta(days=13.9))

    assert is_stopped()


def test_links_that_were_over_do_not_come_back(client: PageClient, erika: Account) -> None:
    change_address(client, erika)
    with unit_of_work():
        deletion.request(erika, by=erika, at=clock.now() + timedelta(days=11))
    token = link_of("email_changed_away").rpartition("/")[2]
    at = clock.now() + timedelta(days=12)
    assert links.find(token, OneTimeLinkPurpose.THAT_WAS_NOT_ME, at=at) is None


def test_an_old_address_that_is_another_account_now_leaves_it_closed_but_not_deleted(
    client: PageClient, erika: Account
) -> None:
    change_address(client, erika)
    announce_deletion(client, erika)
    create_account(email=OLD)

    press(client, link_of("email_changed_away"))

    assert is_stopped()
    assert erika.locked_at is not None
    client.get(link_of("deletion_requested", NEW), status=404)


def test_an_account_that_was_locked_for_another_reason_stays_locked(
    client: PageClient, erika: Account
) -> None:
    sign_in_from_elsewhere(client.app)
    announce_deletion(client, erika)
    with unit_of_work():
        db.session.refresh(erika)
        erika.locked_at = clock.now()

    press(client, link_of("new_device"))

    assert is_stopped() and erika.locked_at is not None


def test_the_link_works_in_a_browser_in_which_somebody_else_is_signed_in(
    client: PageClient, erika: Account
) -> None:
    change_address(client, erika)
    announce_deletion(client, erika)
    sign_in(client, create_account())

    assert press(client, link_of("email_changed_away")) == 303
    assert is_stopped() and can_get_back_in(client.app)


def test_it_is_in_the_audit_trail(client: PageClient, erika: Account) -> None:
    change_address(client, erika)
    announce_deletion(client, erika)
    trail = Trail()

    press(client, link_of("email_changed_away"))

    assert Action.DELETION_STOPPED in trail.actions


@pytest.mark.parametrize("template", ["deletion_requested", "deletion_near"])
def test_without_a_stranger_the_links_of_the_deletion_work_as_ever(
    client: PageClient, erika: Account, template: str
) -> None:
    announce_deletion(client, erika)
    tasks.remind_of_deletions(at=clock.now() + timedelta(days=11))

    assert press(client, link_of(template)) == 303
    assert is_stopped() and queries.by_email(OLD) is not None
