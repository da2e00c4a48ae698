"""``flask accounts reset-factors``: the second factors of those whom nobody else administers."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import factors, sessions
from servicekonto.accounts.factor_models import TotpCredential
from servicekonto.accounts.models import Account, AccountKind
from servicekonto.audit import Action
from servicekonto.authorities.kinds import Role
from servicekonto.core import clock
from servicekonto.core.db import db
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.factors import code_of, create_passkey, create_recovery_codes, create_totp
from tests.integration.accounts.recovery import NEW, OLD, mails_to, sign_in_with
from tests.integration.operations.restoring import flask, refusal
from tests.support.audit_trail import Trail
from tests.support.client import PageClient

OPERATOR = "betrieb@example.org"
INCIDENT = ("--reference", "INC-2026-118")
RESET = ("accounts", "reset-factors")


@pytest.fixture
def operator() -> Account:
    return create_account(email=OPERATOR, kind=AccountKind.OPERATOR)


def test_an_operator_without_factors_signs_in_and_sets_one_up_before_any_work(
    app: Servicekonto, operator: Account
) -> None:
    create_totp(operator)
    create_passkey(operator)
    create_recovery_codes(operator)
    token = sign_in(PageClient(app), operator)

    flask(app, *RESET, "--email", OPERATOR.upper(), *INCIDENT)

    assert sessions.load(token, clock.now()) is None
    client, _status = sign_in_with(OPERATOR, PASSWORD, app)
    assert client.client.get("/betrieb/").location == "/konto/sicherheit"
    page = client.follow(client.get("/konto/sicherheit").form("/sicherheit/app").submit(client))
    credential = db.session.scalars(sa.select(TotpCredential)).one()
    page.form(f"/app/{credential.id}").submit(client, code=code_of(credential))
    assert factors.has_second(operator.id)
    assert client.client.get("/betrieb/").location == "/anmelden/bestaetigen"
    next_code = code_of(credential, clock.now() + timedelta(seconds=30))
    page = client.get("/anmelden/bestaetigen")
    page.form(page.path).submit(client, password=PASSWORD, code=next_code)
    assert client.client.get("/betrieb/").status_code == 200


def test_the_trail_names_the_reference_and_the_mail_says_who_did_it(
    app: Servicekonto, operator: Account
) -> None:
    create_totp(operator)
    create_recovery_codes(operator)
    trail = Trail()

    flask(app, *RESET, "--email", OPERATOR, *INCIDENT)

    assert trail.actions == [Action.FACTOR_REMOVED, Action.FACTOR_REMOVED, Action.FACTORS_RESET]
    assert {(entry.actor_id, entry.authority_id, entry.account_id) for entry in trail.entries} == {
        (None, None, operator.id)
    }
    assert trail.entries[-1].payload == {"reference": "INC-2026-118"}
    mail = mails_to(OPERATOR)[-1]
    assert mail.template == "factors_reset" and "der Betrieb des Servicekontos hat" in (mail.body or "")
    assert "Behörde" not in (mail.body or "")


def test_the_only_administrator_of_an_authority_is_let_in_again_and_the_authority_can_read_it(
    app: Servicekonto, client: PageClient
) -> None:
    roles = [Role.AUTHORITY_ADMINISTRATOR]
    admin = create_staff_member(roles=roles, display_name="Ada Vorstand", email="ada@example.org")
    create_totp(admin.account)
    trail = Trail()

    flask(app, *RESET, "--email", "ada@example.org", *INCIDENT)

    assert not factors.has_second(admin.account_id)
    entry = trail.entries[-1]
    assert (entry.action, entry.authority_id) == (Action.STAFF_FACTORS_RESET, admin.authority_id)
    browser, _status = sign_in_with("ada@example.org", PASSWORD, app)
    assert browser.client.get("/behoerde/verwaltung/").location == "/konto/sicherheit"
    sign_in(client, admin.account)
    row = client.get("/behoerde/verwaltung/protokoll").texts("tbody tr")[0]
    assert "Zweiten Faktor zurückgesetzt Ada Vorstand Vorgang beim Betrieb: INC-2026-118" in row


def test_without_any_factor_it_is_no_error(app: Servicekonto, operator: Account) -> None:
    assert "set up a new one" in flask(app, *RESET, "--email", OPERATOR, *INCIDENT)


def test_citizens_strangers_and_what_is_no_address_are_refused(app: Servicekonto, erika: Account) -> None:
    create_totp(erika)
    trail = Trail()

    assert "/konto-verloren" in refusal(app, *RESET, "--email", OLD, *INCIDENT)
    assert "no account with this address" in refusal(app, *RESET, "--email", NEW, *INCIDENT)
    assert "no e-mail address" in refusal(app, *RESET, "--email", "erika", *INCIDENT)
    nobodys = create_account(email="dritte@example.org", kind=AccountKind.STAFF)
    assert "works for an authority" in refusal(app, *RESET, "--email", "dritte@example.org", *INCIDENT)

    assert factors.has_second(erika.id) and not factors.has_second(nobodys.id)
    assert trail.entries == []


@pytest.mark.parametrize("reference", ["", "Erika", "Erika Muster 1", "erika@example.org1", "1" * 81])
def test_a_reference_is_a_number_and_no_name(app: Servicekonto, operator: Account, reference: str) -> None:
    output = refusal(app, *RESET, "--email", OPERATOR, "--reference", reference)

    assert "at least one digit" in output
