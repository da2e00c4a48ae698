"""A recovery code lets staff and operators in. To work again, somebody else has to look at them first."""

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from servicekonto.accounts import factors, recovery
from servicekonto.accounts.factor_models import FactorKind, Passkey, RecoveryCodes, TotpCredential
from servicekonto.accounts.factors import NotSureEnoughError
from servicekonto.accounts.models import Account, AccountKind, AssuranceLevel
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.factors import code_of, create_passkey, create_recovery_codes, create_totp
from tests.support.client import PageClient

EMAIL = "sabine@example.org"
SECURITY = "/konto/sicherheit"
STAFF = [AccountKind.STAFF, AccountKind.OPERATOR]


@pytest.fixture(params=STAFF, ids=str)
def sabine(request: pytest.FixtureRequest) -> Account:
    return create_account(email=EMAIL, kind=request.param)


def enter(client: PageClient, code: str = "") -> TestResponse:
    return client.get("/anmelden").form("/anmelden").submit(client, email=EMAIL, password=PASSWORD, code=code)


def come_back(client: PageClient, account: Account) -> list[str]:
    """With the password and a code from paper. Returns the other codes."""
    _sheet, codes = create_recovery_codes(account)
    assert enter(client, codes[1]).status_code == 303
    return codes[2:]


def is_refused(answer: TestResponse) -> bool:
    return (answer.status_code, answer.location) == (303, SECURITY)


def number_of(model: type[TotpCredential | Passkey | RecoveryCodes]) -> int | None:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_a_recovery_code_removes_no_factor(client: PageClient, sabine: Account) -> None:
    app, (passkey, _authenticator) = create_totp(sabine), create_passkey(sabine)
    come_back(client, sabine)

    for path in (f"app/{app.id}", f"passkey/{passkey.id}"):
        assert is_refused(client.get(f"{SECURITY}/{path}").form("/entfernen").submit(client))
    (sheet,) = factors.factors_of(sabine, FactorKind.RECOVERY_CODES)
    assert is_refused(client.get(f"{SECURITY}/notfallcodes/{sheet.id}").form("/entfernen").submit(client))

    assert (number_of(TotpCredential), number_of(Passkey), number_of(RecoveryCodes)) == (1, 1, 1)


@pytest.mark.parametrize("is_synced", [False, True], ids=["app", "copied passkey"])
def test_a_recovery_code_adds_no_factor(client: PageClient, sabine: Account, is_synced: bool) -> None:
    """A copied passkey reaches no more than the code does: still it was somebody's, and the paper is not
    it.
    """
    if is_synced:
        create_passkey(sabine, is_synced=True)
    else:
        create_totp(sabine)
    before = number_of(TotpCredential), number_of(Passkey)
    come_back(client, sabine)

    for path in ("/sicherheit/app", "/sicherheit/notfallcodes"):
        assert is_refused(client.get(SECURITY).form(path).submit(client))
    assert is_refused(client.client.get(f"{SECURITY}/passkey/neu"))

    assert (number_of(TotpCredential), number_of(Passkey)) == before
    assert number_of(RecoveryCodes) == 1


def test_proving_it_by_another_code_from_paper_changes_nothing(client: PageClient, sabine: Account) -> None:
    app = create_totp(sabine)
    codes = come_back(client, sabine)

    page = client.get("/anmelden/bestaetigen")
    page.form("/anmelden/bestaetigen").submit(client, password=PASSWORD, code=codes[0])

    assert is_refused(client.get(f"{SECURITY}/app/{app.id}").form("/entfernen").submit(client))
    assert number_of(TotpCredential) == 1


def test_the_page_says_whom_to_ask(client: PageClient, sabine: Account) -> None:
    create_totp(sabine)
    come_back(client, sabine)

    who = {
        AccountKind.STAFF: "wenden Sie sich an die Verwaltung Ihrer Behörde",
        AccountKind.OPERATOR: "wenden Sie sich an die anderen im Betrieb",
    }[sabine.kind]
    assert "Mit einem Notfallcode können Sie nicht alles" in client.get(SECURITY).text
    assert who in client.get(SECURITY).text
    assert who in client.get("/anmelden/bestaetigen").text


def test_what_is_lost_can_be_locked_at_once(client: PageClient, sabine: Account) -> None:
    app = create_totp(sabine)
    come_back(client, sabine)

    client.get(f"{SECURITY}/app/{app.id}").form("/sperren").submit(client)

    db.session.expire_all()
    assert app.locked_at is not None


def test_the_app_that_was_found_again_ends_it(client: PageClient, sabine: Account) -> None:
    app = create_totp(sabine)
    come_back(client, sabine)

    page = client.get("/anmelden/bestaetigen")
    page.form("/anmelden/bestaetigen").submit(client, password=PASSWORD, code=code_of(app))

    assert "Mit einem Notfallcode" not in client.get(SECURITY).text
    assert not is_refused(client.get(SECURITY).form("/sicherheit/app").submit(client))


def test_a_session_that_has_lost_its_level_removes_no_factor_of_staff(
    client: PageClient, sabine: Account
) -> None:
    app = create_totp(sabine)
    sign_in(client, sabine, level=AssuranceLevel.LOW)

    answer = client.get(f"{SECURITY}/app/{app.id}").form("/entfernen").submit(client)
    assert answer.location == "/anmelden/bestaetigen"
    with pytest.raises(NotSureEnoughError), unit_of_work():
        factors.remove(app, sabine, level=AssuranceLevel.LOW, at=clock.now())
    assert number_of(TotpCredential) == 1

    sign_in(client, sabine, level=AssuranceLevel.SUBSTANTIAL)
    client.get(f"{SECURITY}/app/{app.id}").form("/entfernen").submit(client)
    assert number_of(TotpCredential) == 0


def test_an_app_that_was_never_finished_may_go_at_any_level(client: PageClient, sabine: Account) -> None:
    sign_in(client, sabine, level=AssuranceLevel.LOW)
    page = client.follow(client.get(SECURITY).form("/sicherheit/app").submit(client))

    page.form("/entfernen").submit(client)

    assert number_of(TotpCredential) == 0


def test_a_copied_passkey_itself_still_leads_to_an_app(client: PageClient, sabine: Account) -> None:
    """Nobody who holds what they set up is stuck."""
    create_passkey(sabine, is_synced=True)
    sign_in(client, sabine, level=AssuranceLevel.LOW)

    assert not is_refused(client.get(SECURITY).form("/sicherheit/app").submit(client))
    assert number_of(TotpCredential) == 1


def test_citizens_help_themselves_and_nothing_stays_verified(client: PageClient) -> None:
    erika = create_account(email=EMAIL, values={"family_name": "Muster"})
    app = create_totp(erika)
    with unit_of_work():
        erika.attributes[0].level = AssuranceLevel.SUBSTANTIAL
    come_back(client, erika)

    client.get(f"{SECURITY}/app/{app.id}").form("/entfernen").submit(client)

    db.session.expire_all()
    assert number_of(TotpCredential) == 0
    assert erika.attributes[0].level is AssuranceLevel.BASIC


def test_after_a_reset_the_password_leads_to_a_new_factor(client: PageClient, sabine: Account) -> None:
    create_totp(sabine)
    come_back(client, sabine)

    with unit_of_work():
        recovery.reset_factors(sabine, by=None, at=clock.now())

    assert client.client.get("/konto").status_code == 303
    assert enter(client).status_code == 303
    assert not is_refused(client.get(SECURITY).form("/sicherheit/app").submit(client))
    assert number_of(TotpCredential) == 1
