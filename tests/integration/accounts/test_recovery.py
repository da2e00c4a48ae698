"""Another address, "that was not me", and starting anew when everything is lost."""

import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import commands, factors, password_flows, queries, recovery, sessions, totp
from servicekonto.accounts.factor_models import FactorKind, PasswordCredential
from servicekonto.accounts.history_models import KnownDevice
from servicekonto.accounts.models import (
    Account,
    AccountKind,
    AssuranceLevel,
    LoginSession,
    OneTimeLink,
    OneTimeLinkPurpose,
)
from servicekonto.accounts.recovery_models import AccountReset
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import NotFoundError
from servicekonto.notifications.models import Mail
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, sign_in
from tests.builders.factors import create_recovery_codes, create_totp
from tests.support.client import PageClient

OLD, NEW = "erika@example.org", "neu@example.org"
ANOTHER_PASSWORD = "zwölf boxkämpfer jagen viktor"


@pytest.fixture
def erika() -> Account:
    return create_account(email=OLD, values={"family_name": "Muster"})


def mails_to(address: str) -> list[Mail]:
    db.session.expire_all()
    return [mail for mail in db.session.scalars(sa.select(Mail).order_by(Mail.id)) if mail.to == address]


def link_in(mail: Mail) -> str:
    found = re.findall(r"http://localhost(/\S+)", mail.body or "")
    return str(next(path for path in found if path != "/anmelden"))


def change(client: PageClient, account: Account, new: str = NEW) -> None:
    sign_in(client, account)
    client.get("/konto/email").form("/konto/email").submit(client, email=new)


def press(client: PageClient, path: str) -> int:
    return client.get(path).form(path).submit(client).status_code


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


def ask_for_reset(client: PageClient, email: str = OLD) -> None:
    client.get("/konto-verloren").form("/konto-verloren").submit(client, email=email)


def begin_reset(client: PageClient) -> AccountReset:
    ask_for_reset(client)
    press(client, link_in(mails_to(OLD)[-1]))
    return db.session.scalars(sa.select(AccountReset)).one()


def worker_at(moment: datetime) -> None:
    with unit_of_work():
        recovery.remind_of_resets(at=moment)


def test_everything_lost_is_announced_and_takes_seven_days(client: PageClient, erika: Account) -> None:
    create_totp(erika)
    create_recovery_codes(erika)
    begun = begin_reset(client)
    day = timedelta(days=1)
    for moment in (begun.requested_at + day, begun.requested_at + 6 * day, begun.requested_at + 6.5 * day):
        worker_at(moment)
    templates = [mail.template for mail in mails_to(OLD) if mail.template != "factor_added"]
    assert templates == ["reset_asked", "reset_announced", "reset_announced"]

    worker_at(begun.possible_from)
    worker_at(begun.possible_from + timedelta(hours=1))

    assert [mail.template for mail in mails_to(OLD)][4:] == ["reset_possible"]


def test_afterwards_only_the_password_is_there_and_nothing_is_verified(
    client: PageClient, erika: Account
) -> None:
    create_totp(erika)
    create_recovery_codes(erika)
    with unit_of_work():
        erika.attributes[0].level = AssuranceLevel.SUBSTANTIAL
    sign_in(client, erika)
    begun = begin_reset(client)
    worker_at(begun.possible_from)
    token = link_in(mails_to(OLD)[-1]).rpartition("/")[2]

    password_flows.finish_reset(token, ANOTHER_PASSWORD, at=begun.possible_from)

    db.session.expire_all()
    kinds = (FactorKind.TOTP, FactorKind.PASSKEY, FactorKind.RECOVERY_CODES)
    assert [factors.factors_of(erika, kind) for kind in kinds] == [[], [], []]
    assert erika.attributes[0].level is AssuranceLevel.BASIC
    assert all(session.ended_at for session in db.session.scalars(sa.select(LoginSession)))


def test_the_owner_stops_it_with_the_link_or_in_the_account(client: PageClient, erika: Account) -> None:
    begin_reset(client)
    press(client, link_in(mails_to(OLD)[-1]))
    assert db.session.scalars(sa.select(AccountReset)).all() == []

    begin_reset(client)
    sign_in(client, erika)
    page = client.get("/konto/sicherheit")
    assert "Jemand will Ihr Konto zurücksetzen" in page.text
    page.form("/konto/zuruecksetzen/stoppen").submit(client)
    assert db.session.scalars(sa.select(AccountReset)).all() == []


def test_a_link_from_before_it_was_stopped_finishes_nothing(client: PageClient, erika: Account) -> None:
    begun = begin_reset(client)
    worker_at(begun.possible_from)
    token = link_in(mails_to(OLD)[-1]).rpartition("/")[2]
    with unit_of_work():
        recovery.stop_reset(erika, at=begun.possible_from)

    with pytest.raises(NotFoundError):
        password_flows.finish_reset(token, ANOTHER_PASSWORD, at=begun.possible_from)


def test_beginning_again_does_not_shorten_the_wait(client: PageClient, erika: Account) -> None:
    begun = begin_reset(client).possible_from
    assert begin_reset(client).possible_from == begun


def test_what_nobody_finishes_ends(client: PageClient, erika: Account) -> None:
    begun = begin_reset(client)
    worker_at(begun.possible_from)
    worker_at(begun.possible_from + timedelta(days=3))

    assert db.session.scalars(sa.select(AccountReset)).all() == []


@pytest.mark.parametrize("kind", [AccountKind.STAFF, AccountKind.OPERATOR])
def test_staff_and_operators_turn_to_their_administrators(client: PageClient, kind: AccountKind) -> None:
    create_account(email=OLD, kind=kind)
    ask_for_reset(client)

    assert mails_to(OLD) == []


def test_asking_tells_nobody_whether_there_is_an_account(client: PageClient, erika: Account) -> None:
    answers = set()
    for email in (OLD, "unbekannt@example.org"):
        answer = client.get("/konto-verloren").form("/konto-verloren").submit(client, email=email)
        answers.add((answer.status_code, answer.location))

    assert len(answers) == 1


@pytest.mark.parametrize(
    "path",
    [
        *(
            f"/link/{what}/x"
            for what in ("neue-adresse", "war-ich-nicht", "neu-anfangen", "nicht-neu-anfangen")
        ),
        "/link/etwas-anderes/x",
        "/konto-verloren/abschliessen/x",
    ],
)
def test_links_that_never_were_lead_nowhere(client: PageClient, path: str) -> None:
    client.get(path, status=404)


def test_a_link_for_one_thing_does_not_do_another(client: PageClient, erika: Account) -> None:
    begin_reset(client)
    token = link_in(mails_to(OLD)[-1]).rpartition("/")[2]

    for what in ("neue-adresse", "war-ich-nicht", "neu-anfangen"):
        client.get(f"/link/{what}/{token}", status=404)
    purposes = {link.purpose for link in db.session.scalars(sa.select(OneTimeLink))}
    assert OneTimeLinkPurpose.STOP_RESET in purposes


def test_opening_a_link_does_nothing_yet(client: PageClient, erika: Account) -> None:
    change(client, erika)
    client.get(link_in(mails_to(NEW)[0]))

    assert queries.by_email(NEW) is None


def test_a_new_password_leaves_the_second_factor(client: PageClient, erika: Account) -> None:
    create_totp(erika)
    with unit_of_work():
        commands.request_password_reset(OLD, at=SOME_DAY)
    token = link_in(mails_to(OLD)[-1]).rpartition("/")[2]

    password_flows.reset_password(token, ANOTHER_PASSWORD, at=SOME_DAY)

    assert factors.has_second(erika.id)


def test_links_work_in_a_browser_in_which_somebody_else_is_signed_in(
    client: PageClient, erika: Account
) -> None:
    """A family shares a computer."""
    change(client, erika)
    sign_in(client, create_account())

    assert press(client, link_in(mails_to(NEW)[0])) == 303
    assert press(client, link_in(mails_to(OLD)[1])) == 303
    page = client.get(link_in(mails_to(OLD)[-1]))
    assert page.form(page.path).submit(client, new_password=ANOTHER_PASSWORD).status_code == 303
    begin_reset(client)
    assert press(client, link_in(mails_to(OLD)[-1])) == 303


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
    assert "account_secured" not in {mail.template for mail in mails_to(NEW)}
