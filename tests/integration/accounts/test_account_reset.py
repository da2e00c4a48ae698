"""Starting anew when everything is lost, after a wait."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import commands, factors, password_flows, recovery
from servicekonto.accounts.factor_models import FactorKind
from servicekonto.accounts.models import (
    Account,
    AccountKind,
    AssuranceLevel,
    LoginSession,
    OneTimeLink,
    OneTimeLinkPurpose,
)
from servicekonto.accounts.recovery_models import AccountReset
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import NotFoundError
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.factors import create_recovery_codes, create_totp
from tests.integration.accounts.recovery import ANOTHER_PASSWORD, NEW, OLD, change, link_in, mails_to, press
from tests.support.client import PageClient


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


def test_the_page_of_the_account_says_that_it_runs_and_leads_to_where_it_is_stopped(
    client: PageClient, erika: Account
) -> None:
    sign_in(client, erika)
    assert "Jemand will Ihr Konto zurücksetzen" not in client.get("/konto").text
    begin_reset(client)

    page = client.get("/konto")

    assert "Jemand will Ihr Konto zurücksetzen" in page.messages
    assert page.link("Das Zurücksetzen ansehen und stoppen") == "/konto/sicherheit"


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
