"""``flask accounts lock`` and ``unlock``: an account that only somebody on the machine can open again."""

import re
from datetime import timedelta

import pytest

from servicekonto.accounts import factors, links, queries, recovery, totp
from servicekonto.accounts.models import Account, AssuranceLevel, OneTimeLinkPurpose
from servicekonto.audit import Action
from servicekonto.authorities import commands as authorities
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.data_protection.commands import deletion
from servicekonto.data_protection.queries import deletion_under_way
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account
from tests.builders.authorities import create_staff_member
from tests.builders.factors import code_of, create_passkey, create_totp
from tests.integration.accounts.recovery import (
    ANOTHER_PASSWORD,
    NEW,
    OLD,
    change,
    link_in,
    mails_to,
    press,
    sign_in_with,
)
from tests.integration.operations.restoring import flask, refusal
from tests.support.audit_trail import Trail
from tests.support.client import PageClient

THIRD = "dritte@example.org"
INCIDENT = ("--reference", "INC-2026-118")
UNLOCK = ("accounts", "unlock", *INCIDENT, "--yes")


@pytest.fixture
def lost(client: PageClient, erika: Account) -> Account:
    take_over(client, erika)
    return disown(client, erika)


def take_over(client: PageClient, erika: Account) -> None:
    """A stranger with the session of the owner changes the address."""
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))


def disown(client: PageClient, erika: Account) -> Account:
    """The owner says so, but the old address belongs to another account by now."""
    create_account(email=OLD)
    press(client, link_in(mails_to(OLD)[1]))
    db.session.commit()  # what a command takes back must not be older than this
    assert erika.locked_at is not None
    return erika


def choose_password(client: PageClient, path: str) -> None:
    page = client.get(path)
    page.form(page.path).submit(client, new_password=ANOTHER_PASSWORD)


@pytest.mark.parametrize("known_as", [OLD, NEW])
def test_a_lost_account_gets_another_address_and_its_owner_the_link(
    app: Servicekonto, lost: Account, known_as: str
) -> None:
    """By the address it had, which is all that its owner knows, or by the stranger's."""
    flask(app, *UNLOCK, "--email", known_as, "--new-email", THIRD)

    assert queries.by_email(THIRD) is lost and lost.locked_at is None
    assert [sign_in_with(THIRD, PASSWORD, app)[1], sign_in_with(NEW, PASSWORD, app)[1]] == [422, 422]
    (mail,) = mails_to(THIRD)
    assert mail.template == "account_reopened"
    choose_password(PageClient(app), link_in(mail))
    client, status = sign_in_with(THIRD, ANOTHER_PASSWORD, app)
    assert status == 303
    assert client.get("/konto/daten").select_one("#family_name")["value"] == "Muster"


def test_the_address_it_had_until_then_is_told_without_a_way_in(app: Servicekonto, lost: Account) -> None:
    flask(app, *UNLOCK, "--email", OLD, "--new-email", THIRD)

    mail = mails_to(NEW)[-1]
    assert mail.template == "account_reopened_elsewhere"
    assert re.findall(r"http://localhost(\S+)", mail.body or "") == ["/impressum"]
    assert THIRD not in (mail.body or "")


def test_what_the_stranger_has_leads_nowhere(app: Servicekonto, client: PageClient, erika: Account) -> None:
    """Neither the session, nor the mails that came to their mailbox, nor asking for a new password."""
    take_over(client, erika)
    with unit_of_work():
        theirs = totp.begin(erika, "Fremdes Handy", level=AssuranceLevel.LOW, at=clock.now())
        factors.confirm(theirs, erika, at=clock.now())
    own = create_totp(erika)
    disown(client, erika)
    foreign_mail = next(mail for mail in mails_to(NEW) if mail.template == "factor_added")

    flask(app, *UNLOCK, "--email", OLD, "--new-email", THIRD)

    assert client.client.get("/konto").status_code == 303
    assert client.client.get(link_in(foreign_mail)).status_code == 404
    client.get("/passwort-vergessen").form("/passwort-vergessen").submit(client, email=NEW)
    assert "reset_password" not in {mail.template for mail in mails_to(NEW)}
    choose_password(client, link_in(mails_to(THIRD)[0]))
    assert theirs.locked_at is not None
    assert sign_in_with(THIRD, ANOTHER_PASSWORD, app)[1] == 422
    assert sign_in_with(THIRD, ANOTHER_PASSWORD, app, code=code_of(theirs))[1] == 422
    assert sign_in_with(THIRD, ANOTHER_PASSWORD, app, code=code_of(own))[1] == 303


def test_the_present_address_can_stay_when_it_was_a_stranger_who_said_so(
    app: Servicekonto, lost: Account
) -> None:
    """Somebody who reads the old mailbox has closed the account of its owner."""
    trail = Trail()

    flask(app, *UNLOCK, "--email", NEW, "--new-email", NEW)

    assert trail.actions == [Action.ACCOUNT_UNLOCKED]
    assert [mail.template for mail in mails_to(NEW)][-1] == "account_reopened"
    choose_password(PageClient(app), link_in(mails_to(NEW)[-1]))
    assert sign_in_with(NEW, ANOTHER_PASSWORD, app)[1] == 303


def test_closing_and_opening_are_in_the_trail(app: Servicekonto, erika: Account) -> None:
    trail = Trail()

    flask(app, "accounts", "lock", "--email", OLD)
    flask(app, *UNLOCK, "--email", OLD, "--new-email", NEW)

    assert trail.actions == [Action.ACCOUNT_LOCKED, Action.EMAIL_CHANGED, Action.ACCOUNT_UNLOCKED]
    assert {(entry.actor_id, entry.account_id) for entry in trail.entries} == {(None, erika.id)}
    assert trail.entries[-1].payload == {"reference": "INC-2026-118"}


def test_the_old_password_does_not_work_until_there_is_a_new_one(app: Servicekonto, erika: Account) -> None:
    flask(app, "accounts", "lock", "--email", OLD)
    flask(app, *UNLOCK, "--email", OLD, "--new-email", OLD)

    assert sign_in_with(OLD, PASSWORD, app)[1] == 422
    choose_password(PageClient(app), link_in(mails_to(OLD)[-1]))
    assert sign_in_with(OLD, ANOTHER_PASSWORD, app)[1] == 303


def test_that_was_not_me_says_in_the_trail_that_it_has_locked_and_to_the_owner_whom_to_turn_to(
    lost: Account,
) -> None:
    assert [entry.actor_id for entry in Trail().all_of(Action.ACCOUNT_LOCKED)] == [lost.id]
    mail = mails_to(OLD)[-1]
    assert mail.template == "account_closed"
    assert re.findall(r"http://localhost(\S+)", mail.body or "") == ["/impressum"]


def test_an_address_of_another_account_is_refused_and_nothing_has_changed(
    app: Servicekonto, lost: Account
) -> None:
    trail = Trail()

    assert "belongs to another account" in refusal(app, *UNLOCK, "--email", OLD, "--new-email", OLD)

    db.session.refresh(lost)
    assert lost.locked_at is not None and lost.email == NEW
    assert trail.entries == []


def test_a_registration_that_nobody_confirmed_gives_way(app: Servicekonto, lost: Account) -> None:
    create_account(email=THIRD, confirmed_at=None)

    flask(app, *UNLOCK, "--email", OLD, "--new-email", THIRD)

    assert queries.by_email(THIRD) is lost


def test_without_yes_it_asks_first(app: Servicekonto, lost: Account) -> None:
    arguments = ["accounts", "unlock", *INCIDENT, "--email", OLD, "--new-email", THIRD]
    run = app.test_cli_runner()

    no = run.invoke(args=arguments, input="n\n")
    assert no.exit_code == 1 and f"whoever reads the mailbox {THIRD}?" in no.output
    db.session.refresh(lost)
    assert lost.locked_at is not None

    assert run.invoke(args=arguments, input="y\n").exit_code == 0
    db.session.refresh(lost)
    assert lost.locked_at is None


def test_a_mistyped_address_can_be_put_right(app: Servicekonto, lost: Account) -> None:
    flask(app, *UNLOCK, "--email", OLD, "--new-email", "dirtte@example.org")
    mistaken = link_in(mails_to("dirtte@example.org")[0])

    flask(app, "accounts", "lock", "--email", "dirtte@example.org")
    flask(app, *UNLOCK, "--email", "dirtte@example.org", "--new-email", THIRD)

    assert PageClient(app).client.get(mistaken).status_code == 404
    choose_password(PageClient(app), link_in(mails_to(THIRD)[0]))
    assert sign_in_with(THIRD, ANOTHER_PASSWORD, app)[1] == 303


def test_who_is_meant_has_to_be_said_and_has_to_be_locked(app: Servicekonto, erika: Account) -> None:
    target = ("--new-email", THIRD)

    assert "No locked account" in refusal(app, *UNLOCK, "--email", OLD, *target)
    assert "No locked account" in refusal(app, *UNLOCK, "--email", NEW, *target)
    assert "No locked account" in refusal(app, *UNLOCK, "--account", erika.id, *target)
    assert "no account with this id" in refusal(
        app, *UNLOCK, "--account", "0198a000-0000-7000-8000-000000000000", *target
    )
    assert "either --email or --account" in refusal(app, *UNLOCK, *target)
    assert "either --email or --account" in refusal(
        app, *UNLOCK, "--email", OLD, "--account", erika.id, *target
    )
    assert "no account with this address" in refusal(app, "accounts", "lock", "--email", NEW)
    assert erika.email == OLD


def test_of_several_that_had_the_address_the_id_tells_which(app: Servicekonto, lost: Account) -> None:
    other = queries.by_email(OLD)
    assert other is not None
    flask(app, "accounts", "lock", "--email", OLD)

    message = refusal(app, *UNLOCK, "--email", OLD, "--new-email", THIRD)

    assert {str(lost.id), str(other.id)} == set(re.findall(r"[0-9a-f-]{36}", message))
    assert "@" not in message
    flask(app, *UNLOCK, "--account", lost.id, "--new-email", THIRD)
    assert queries.by_email(THIRD) is lost and other.locked_at is not None


# Locks of another kind


def test_who_was_deactivated_at_an_authority_is_let_in_there(app: Servicekonto) -> None:
    member = create_staff_member(email="sabine@example.org")
    with unit_of_work():
        authorities.deactivate_staff_member(member, by=None, at=clock.now())

    message = refusal(app, *UNLOCK, "--email", "sabine@example.org", "--new-email", THIRD)

    assert "deactivated at their authority" in message
    assert member.account.locked_at is not None


def test_letting_somebody_work_again_does_not_open_what_was_locked_for_another_reason(
    app: Servicekonto,
) -> None:
    member = create_staff_member(email="sabine@example.org")
    flask(app, "accounts", "lock", "--email", "sabine@example.org")
    with unit_of_work():
        authorities.deactivate_staff_member(member, by=None, at=clock.now())
        authorities.reactivate_staff_member(member, by=None, at=clock.now())

    assert member.deactivated_at is None and member.account.locked_at is not None
    flask(app, *UNLOCK, "--email", "sabine@example.org", "--new-email", "sabine@example.org")
    assert member.account.locked_at is None


def test_a_deletion_that_was_asked_for_is_stopped_only_when_that_is_said(
    app: Servicekonto, erika: Account
) -> None:
    with unit_of_work():
        deletion.request(erika, by=erika, at=clock.now())

    message = refusal(app, *UNLOCK, "--email", OLD, "--new-email", THIRD)
    assert "--stop-deletion" in message and deletion_under_way(erika) is not None

    flask(app, *UNLOCK, "--email", OLD, "--new-email", THIRD, "--stop-deletion")
    assert erika.locked_at is None and deletion_under_way(erika) is None
    assert {mail.template for mail in mails_to(THIRD)} == {"account_reopened", "deletion_stopped"}


def test_locking_an_account_says_until_when_its_deletion_has_to_be_stopped(
    app: Servicekonto, erika: Account
) -> None:
    with unit_of_work():
        ending = deletion.request(erika, by=erika, at=clock.now())

    assert f"announced for {ending.deletes_at:%Y-%m-%d}" in flask(app, "accounts", "lock", "--email", OLD)


def test_the_link_that_stops_a_deletion_does_not_open_what_the_owner_has_closed(
    client: PageClient, erika: Account
) -> None:
    """A stranger changes the address and asks for the deletion; they have the mail with its link."""
    take_over(client, erika)
    with unit_of_work():
        deletion.request(erika, by=erika, at=clock.now())
    disown(client, erika)
    asked_for = next(mail for mail in mails_to(NEW) if mail.template == "deletion_requested")

    client.get(link_in(asked_for), status=404)

    db.session.refresh(erika)
    assert deletion_under_way(erika) is None and erika.locked_at is not None


def test_factors_of_the_days_in_wrong_hands_stay_locked_and_older_ones_work(
    app: Servicekonto, erika: Account
) -> None:
    own = create_totp(erika)
    theirs, _key = create_passkey(erika)
    theirs.created_at = SOME_DAY + timedelta(days=3)
    db.session.commit()

    flask(app, "accounts", "lock", "--email", OLD, "--since", "2026-11-25")
    flask(app, *UNLOCK, "--email", OLD, "--new-email", THIRD)

    db.session.expire_all()
    assert theirs.locked_at is not None and own.locked_at is None


def test_closing_takes_back_what_was_under_way(app: Servicekonto, client: PageClient, erika: Account) -> None:
    change(client, erika)
    with unit_of_work():
        beginning = links.issue(erika, OneTimeLinkPurpose.RESET_ACCOUNT, at=clock.now())
        recovery.begin_reset(beginning, at=clock.now())

    flask(app, "accounts", "lock", "--email", OLD)

    assert recovery.reset_of(erika) is None
    assert client.client.get("/konto").status_code == 303
    assert client.client.get(link_in(mails_to(NEW)[0])).status_code == 404
