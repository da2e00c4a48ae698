"""Another address, and the way back to the first."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import commands, links, queries, recovery, sessions
from servicekonto.accounts.models import Account, AssuranceLevel, LoginSession, OneTimeLinkPurpose
from servicekonto.accounts.recovery_models import AccountReset, EmailChange
from servicekonto.accounts.sessions import MeanwhileError
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import NotFoundError
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, encoded_hash, sign_in
from tests.integration.accounts.recovery import NEW, OLD, change, link_in, mails_to, press
from tests.support.client import PageClient

TYPO = "neu@exmaple.org"


def test_another_address_is_in_force_when_its_mailbox_says_so(client: PageClient, erika: Account) -> None:
    change(client, erika)
    assert queries.by_email(NEW) is None

    assert press(client, link_in(mails_to(NEW)[0])) == 303

    found = queries.by_email(NEW)
    assert found is not None and found.id == erika.id and queries.by_email(OLD) is None


def test_both_addresses_are_told_before_and_after(client: PageClient, erika: Account) -> None:
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))

    assert [mail.template for mail in mails_to(NEW)] == ["confirm_new_email", "email_changed"]
    assert [mail.template for mail in mails_to(OLD)] == ["email_change_announced", "email_changed_away"]


def test_the_old_address_takes_the_account_back(client: PageClient, erika: Account) -> None:
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))

    press(client, link_in(mails_to(OLD)[1]))

    found = queries.by_email(OLD)
    assert found is not None and found.id == erika.id
    assert mails_to(OLD)[-1].template == "account_secured"
    assert mails_to(NEW)[-1].template == "email_changed"


def test_a_foreign_address_is_not_given_away(client: PageClient, erika: Account) -> None:
    create_account(email=NEW)
    change(client, erika)

    assert [mail.template for mail in mails_to(NEW)] == ["account_exists"]


@pytest.mark.parametrize("confirmed_at", [SOME_DAY, None])
def test_the_mailbox_one_has_does_not_tell_whose_the_new_address_is(
    client: PageClient, erika: Account, confirmed_at: datetime | None
) -> None:
    create_account(email=NEW, confirmed_at=confirmed_at)
    change(client, erika)

    assert [mail.template for mail in mails_to(OLD)] == ["email_change_announced"]


def test_a_registration_nobody_confirmed_does_not_reserve_an_address(
    client: PageClient, erika: Account
) -> None:
    create_account(email=NEW, confirmed_at=None)
    change(client, erika)

    assert press(client, link_in(mails_to(NEW)[0])) == 303
    found = queries.by_email(NEW)
    assert found is not None and found.id == erika.id


def test_strangers_who_ask_for_mails_do_not_use_up_the_changes_of_the_owner(
    client: PageClient, erika: Account
) -> None:
    for _request in range(6):
        client.get("/passwort-vergessen").form("/passwort-vergessen").submit(client, email=OLD)
    change(client, erika)

    assert [mail.template for mail in mails_to(NEW)] == ["confirm_new_email"]


def test_the_owner_is_told_when_it_was_asked_for_too_often(client: PageClient, erika: Account) -> None:
    for number in range(5):
        change(client, erika, f"neu{number}@example.org")

    answer = client.get("/konto/email").form("/konto/email").submit(client, email=NEW)
    assert answer.status_code == 429 and mails_to(NEW) == []


def test_an_address_that_was_taken_meanwhile_stays_where_it_is(client: PageClient, erika: Account) -> None:
    change(client, erika)
    other = create_account(email=NEW)

    assert press(client, link_in(mails_to(NEW)[0])) == 404
    found = queries.by_email(NEW)
    assert found is not None and found.id == other.id


def test_changing_the_address_wants_a_fresh_proof(client: PageClient, erika: Account) -> None:
    sign_in(client, erika, at=clock.now() - timedelta(minutes=11))

    assert client.client.get("/konto/email").location == "/anmelden/bestaetigen"


def test_opening_a_link_does_nothing_yet(client: PageClient, erika: Account) -> None:
    change(client, erika)
    client.get(link_in(mails_to(NEW)[0]))

    assert queries.by_email(NEW) is None


def test_the_first_address_takes_the_account_back_after_several_changes(
    client: PageClient, erika: Account
) -> None:
    """A stranger changes it twice, so that the mail before the last change goes to themselves."""
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))
    change(client, erika, "dritte@example.org")
    press(client, link_in(mails_to("dritte@example.org")[0]))

    press(client, link_in(mails_to(OLD)[1]))

    found = queries.by_email(OLD)
    assert found is not None and found.id == erika.id
    assert mails_to(OLD)[-1].template == "account_secured"


def test_any_mail_from_before_the_change_takes_the_account_back(client: PageClient, erika: Account) -> None:
    """The owner presses the button in the mail about the new device, and not in the one about the address."""
    for _browser in range(2):
        stranger = PageClient(client.app)
        stranger.get("/anmelden").form("/anmelden").submit(stranger, email=OLD, password=PASSWORD)
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))
    (mail,) = [mail for mail in mails_to(OLD) if mail.template == "new_device"]

    press(client, link_in(mail))

    found = queries.by_email(OLD)
    assert found is not None and found.id == erika.id
    assert mails_to(NEW)[-1].template == "email_changed"


def test_a_registration_nobody_confirmed_does_not_keep_the_owner_from_their_address(
    client: PageClient, erika: Account
) -> None:
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))
    with unit_of_work():
        commands.register(OLD, encoded_hash="x", at=clock.now())
    taken_back = next(mail for mail in mails_to(OLD) if mail.template == "email_changed_away")

    assert press(client, link_in(taken_back)) == 303

    found = queries.by_email(OLD)
    assert found is not None and found.id == erika.id
    assert sessions.running_sessions(erika, at=clock.now()) == []


def test_an_old_address_that_is_another_account_now_leaves_the_stranger_outside(
    client: PageClient, erika: Account
) -> None:
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))
    create_account(email=OLD)

    assert press(client, link_in(mails_to(OLD)[1])) == 303

    db.session.expire_all()
    assert erika.locked_at is not None and sessions.running_sessions(erika, at=clock.now()) == []
    assert press(client, link_in(mails_to(OLD)[0])) == 303  # the other mail to the old address
    assert "account_secured" not in {mail.template for mail in mails_to(NEW)}


def test_a_link_for_a_new_password_does_not_open_a_locked_account(erika: Account) -> None:
    with unit_of_work():
        commands.lock(erika, at=clock.now())
        token = links.issue(erika, OneTimeLinkPurpose.RESET_PASSWORD, at=clock.now())

    with pytest.raises(NotFoundError), unit_of_work():
        commands.reset_password(token, encoded_hash=encoded_hash(PASSWORD), at=clock.now())


def test_a_session_that_was_ended_meanwhile_asks_for_no_new_address(erika: Account) -> None:
    with unit_of_work():
        token = sessions.start(erika.id, AssuranceLevel.LOW, clock.now())
        session_id = db.session.scalars(sa.select(LoginSession.id)).one()
        sessions.end(token, at=clock.now())

    with pytest.raises(MeanwhileError), unit_of_work():
        recovery.request_email_change(erika, NEW, by_session=session_id, at=clock.now())


def test_mails_about_an_address_are_written_in_the_language_of_the_account(
    client: PageClient, erika: Account
) -> None:
    with unit_of_work():
        erika.language = "en"
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))

    mails = [*mails_to(OLD), *mails_to(NEW)]
    assert len(mails) >= 4
    assert all("Guten Tag" not in (mail.body or "") for mail in mails)


def address_of(account: Account) -> str | None:
    db.session.expire_all()
    return account.email


def mail_of(template: str, address: str = OLD) -> str:
    """The link in the only one of these that this address got."""
    (mail,) = [mail for mail in mails_to(address) if mail.template == template]
    return link_in(mail)


def test_a_new_request_ends_the_one_before(client: PageClient, erika: Account) -> None:
    change(client, erika, TYPO)
    change(client, erika)

    client.get(link_in(mails_to(TYPO)[0]), status=404)
    assert press(client, link_in(mails_to(NEW)[0])) == 303
    assert address_of(erika) == NEW


def test_an_older_request_is_not_confirmed_after_a_newer_one(client: PageClient, erika: Account) -> None:
    """Whoever reads the mailbox of a typing error gets no account."""
    change(client, erika, TYPO)
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))

    client.get(link_in(mails_to(TYPO)[0]), status=404)
    assert address_of(erika) == NEW


def test_an_older_request_is_over_by_itself_and_not_only_by_its_link(
    client: PageClient, erika: Account
) -> None:
    change(client, erika, TYPO)
    change(client, erika)
    older = min(db.session.scalars(sa.select(EmailChange)), key=lambda found: found.requested_at)
    with unit_of_work():
        token = links.issue(erika, OneTimeLinkPurpose.CONFIRM_NEW_EMAIL, at=clock.now(), subject_id=older.id)

    with pytest.raises(NotFoundError), unit_of_work():
        recovery.confirm_email_change(token, at=clock.now())


def test_asking_for_the_address_one_has_ends_what_was_asked_for(client: PageClient, erika: Account) -> None:
    change(client, erika, TYPO)
    change(client, erika, OLD)

    client.get(link_in(mails_to(TYPO)[0]), status=404)


def test_links_to_the_old_mailbox_lead_nowhere_after_the_change(client: PageClient, erika: Account) -> None:
    """Whoever still reads it gets neither a new password nor a reset."""
    at = clock.now()
    with unit_of_work():
        commands.request_password_reset(OLD, at=at)
        recovery.ask_for_reset(OLD, at=at)
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))

    client.get(mail_of("reset_password"), status=404)
    client.get(mail_of("reset_asked"), status=404)
    client.get(mail_of("email_change_announced"), status=200)
    client.get(mail_of("email_changed_away"), status=200)


def begin_reset(account: Account, *, at: datetime) -> None:
    with unit_of_work():
        token = links.issue(account, OneTimeLinkPurpose.RESET_ACCOUNT, at=at)
        recovery.begin_reset(token, at=at)


def test_a_reset_that_waits_ends_with_the_old_address_and_both_are_told(
    client: PageClient, erika: Account
) -> None:
    begin_reset(erika, at=clock.now() - recovery.WAITING)
    with unit_of_work():
        recovery.remind_of_resets(at=clock.now())
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))

    client.get(mail_of("reset_possible"), status=404)
    client.get(mail_of("reset_announced"), status=404)
    assert db.session.scalars(sa.select(AccountReset)).all() == []
    assert "Für das Konto lief ein Zurücksetzen" in (mails_to(OLD)[-1].body or "")
    assert "Für Ihr Konto lief ein Zurücksetzen" in (mails_to(NEW)[-1].body or "")
    assert link_in(mails_to(OLD)[-1]).startswith("/link/war-ich-nicht/")


def test_nobody_is_told_of_a_reset_that_there_was_not(client: PageClient, erika: Account) -> None:
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))

    assert not any("Zurücksetzen" in (mail.body or "") for mail in [*mails_to(OLD), *mails_to(NEW)])


def test_the_mail_about_a_request_that_another_one_replaced_takes_the_account_back_too(
    client: PageClient, erika: Account
) -> None:
    """A stranger asks for two addresses and confirms the second: the first mail is about neither."""
    change(client, erika, TYPO)
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))

    press(client, link_in(mails_to(OLD)[0]))

    assert address_of(erika) == OLD
    assert mails_to(OLD)[-1].template == "account_secured"
    assert "account_secured" not in {mail.template for mail in mails_to(NEW)}


def test_a_mail_from_the_first_time_takes_the_account_back_the_second_time(
    client: PageClient, erika: Account
) -> None:
    for new in (NEW, "dritte@example.org"):
        change(client, erika, new)
        press(client, link_in(mails_to(new)[0]))
        unused, used = mails_to(OLD)[0], mails_to(OLD)[-1]
        press(client, link_in(used if new == NEW else unused))

    assert address_of(erika) == OLD


def test_what_the_stranger_got_by_mail_disowns_nothing_of_the_owner(
    client: PageClient, erika: Account
) -> None:
    change(client, erika)
    press(client, link_in(mails_to(NEW)[0]))
    change(client, erika, "dritte@example.org")
    (to_the_stranger,) = [m for m in mails_to(NEW) if m.template == "email_change_announced"]

    press(client, mail_of("email_changed_away"))

    client.get(link_in(to_the_stranger), status=404)
