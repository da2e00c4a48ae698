"""What the owner does with factors: add, use once, name, lock, remove."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import events, factors, sessions, totp
from servicekonto.accounts.factor_models import (
    FactorKind,
    Passkey,
    PasswordCredential,
    RecoveryCodes,
    TotpCredential,
)
from servicekonto.accounts.models import Account, AccountKind, AssuranceLevel, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from tests.builders.accounts import PASSWORD, age_the_proof, create_account, sign_in
from tests.builders.factors import code_of, create_passkey, create_recovery_codes, create_totp, question
from tests.support.audit_trail import Trail
from tests.support.client import PageClient
from tests.support.published import Published

SECURITY = "/konto/sicherheit"

pytestmark = pytest.mark.usefixtures("erika_is_signed_in")


def test_an_app_counts_when_its_code_was_typed(client: PageClient, erika: Account) -> None:
    page = client.follow(client.get(SECURITY).form("/sicherheit/app").submit(client))
    credential = db.session.scalars(sa.select(TotpCredential)).one()
    assert totp.secret_text(credential) in page.text
    assert page.select(".sk-qr svg")
    assert not factors.has_second(erika.id)

    with Published.of(events.FactorAdded) as published:
        page.form(f"/app/{credential.id}").submit(client, code=code_of(credential))

    assert factors.has_second(erika.id)
    assert published.one(events.FactorAdded).kind == "totp"


def test_a_wrong_code_adds_nothing_and_the_secret_stays(client: PageClient, erika: Account) -> None:
    page = client.follow(client.get(SECURITY).form("/sicherheit/app").submit(client))
    secret = page.select_one("#schluessel").get_text()

    wrong = client.checked(page.form(page.path).submit(client, code="000000"), 422)

    assert wrong.select_one("#schluessel").get_text() == secret
    assert not factors.has_second(erika.id)


def test_once_it_counts_the_secret_is_never_shown_again(client: PageClient, erika: Account) -> None:
    credential = create_totp(erika)

    page = client.get(f"{SECURITY}/app/{credential.id}")

    assert totp.secret_text(credential) not in page.text and not page.select(".sk-qr")


def test_recovery_codes_are_shown_until_one_was_typed(client: PageClient, erika: Account) -> None:
    page = client.follow(client.get(SECURITY).form("/notfallcodes").submit(client))
    codes = page.texts(".sk-codes li")
    assert len(set(codes)) == 10 and all(len(code) == 29 for code in codes)

    page.form(page.path).submit(client, code=codes[3].lower())

    sheet = db.session.scalars(sa.select(RecoveryCodes)).one()
    assert sheet.clear is None and sheet.confirmed_at is not None
    assert codes[0] not in client.get(f"{SECURITY}/notfallcodes/{sheet.id}").text


def test_new_recovery_codes_replace_the_old_ones_when_they_count(client: PageClient, erika: Account) -> None:
    old, _codes = create_recovery_codes(erika)
    page = client.follow(client.get(SECURITY).form("/notfallcodes").submit(client))
    assert db.session.get(RecoveryCodes, old.id) is not None

    page.form(page.path).submit(client, code=page.texts(".sk-codes li")[0])

    sheets = db.session.scalars(sa.select(RecoveryCodes)).all()
    assert len(sheets) == 1 and sheets[0].id != old.id


def test_removing_asks_who_is_there_and_tells_the_owner(client: PageClient, erika: Account) -> None:
    credential = create_totp(erika)
    age_the_proof()
    page = client.get(f"{SECURITY}/app/{credential.id}")
    answer = page.form("/entfernen").submit(client)
    assert answer.location == "/anmelden/bestaetigen"
    assert db.session.get(TotpCredential, credential.id) is not None

    sign_in(client, erika)
    with Published.of(events.FactorRemoved) as published:
        client.get(f"{SECURITY}/app/{credential.id}").form("/entfernen").submit(client)

    assert factors.factors_of(erika, FactorKind.TOTP) == []
    assert len(published.events) == 1


def test_a_name_is_the_owners(client: PageClient, erika: Account) -> None:
    passkey, _authenticator = create_passkey(erika)

    page = client.get(f"{SECURITY}/passkey/{passkey.id}")
    page.form("/name").submit(client, name="Schlüsselbund 🔑")

    assert "Schlüsselbund 🔑" in client.get(SECURITY).text


@pytest.mark.parametrize("word", ["app", "passkey", "notfallcodes", "passwort", "etwas"])
def test_factors_of_others_do_not_exist(client: PageClient, erika: Account, word: str) -> None:
    stranger = create_account()
    password = db.session.scalars(
        sa.select(PasswordCredential).where(PasswordCredential.account_id == stranger.id)
    ).one()
    ids = (create_totp(stranger).id, create_passkey(stranger)[0].id, password.id)
    for factor_id in ids:
        client.get(f"{SECURITY}/{word}/{factor_id}", status=404)


def test_a_password_has_no_name_and_cannot_be_removed(client: PageClient, erika: Account) -> None:
    password = db.session.scalars(sa.select(PasswordCredential)).one()
    page = client.get(f"{SECURITY}/passwort/{password.id}")

    assert not page.select("form[action$=entfernen]") and not page.select("form[action$=name]")


def test_a_session_below_what_the_account_can_reach_adds_no_factor(
    client: PageClient, erika: Account
) -> None:
    """TR-03160-1 § 4.2: whoever has only the password cannot make themselves more than that."""
    create_totp(erika)

    for answer in (
        client.get(SECURITY).form("/sicherheit/app").submit(client),
        client.client.get(f"{SECURITY}/passkey/neu"),
    ):
        assert answer.location == "/anmelden/bestaetigen"

    sign_in(client, erika, level=AssuranceLevel.SUBSTANTIAL)
    assert client.get(SECURITY).form("/sicherheit/app").submit(client).location != "/anmelden/bestaetigen"


def test_a_factor_prepared_before_the_owner_had_one_counts_only_for_who_is_sure_enough(
    client: PageClient, erika: Account
) -> None:
    """A stranger with the password leaves an unused app behind, and comes back with a recovery code."""
    page = client.follow(client.get(SECURITY).form("/sicherheit/app").submit(client))
    planted = db.session.scalars(sa.select(TotpCredential)).one()
    create_totp(erika)

    answer = page.form(page.path).submit(client, code=code_of(planted))

    assert answer.location == "/anmelden/bestaetigen"
    db.session.expire_all()
    assert planted.confirmed_at is None


def test_a_copied_passkey_does_not_lock_its_owner_out_of_an_app(client: PageClient, erika: Account) -> None:
    create_passkey(erika, is_synced=True)

    assert "/sicherheit/app/" in client.get(SECURITY).form("/sicherheit/app").submit(client).location


@pytest.mark.parametrize(
    ("session", "left"),
    [
        (AssuranceLevel.LOW, AssuranceLevel.BASIC),
        (AssuranceLevel.SUBSTANTIAL, AssuranceLevel.SUBSTANTIAL),
    ],
)
def test_a_factor_removed_by_somebody_less_sure_takes_the_verified_level_along(
    client: PageClient, erika: Account, session: AssuranceLevel, left: AssuranceLevel
) -> None:
    """A recovery code gives back access, never a level."""
    credential = create_totp(erika)
    create_totp(erika)
    with unit_of_work():
        erika.attributes[0].level = AssuranceLevel.SUBSTANTIAL
    sign_in(client, erika, level=session)

    client.get(f"{SECURITY}/app/{credential.id}").form("/entfernen").submit(client)

    db.session.expire_all()
    assert erika.attributes[0].level is left


@pytest.mark.parametrize("is_synced", [None, True])
def test_what_was_verified_does_not_outlive_the_factors_that_protect_it(
    client: PageClient, erika: Account, is_synced: bool | None
) -> None:
    """Whoever has the password would add an app and be as sure as the owner was."""
    credential = create_totp(erika)
    if is_synced:
        create_passkey(erika, is_synced=True)
    with unit_of_work():
        erika.attributes[0].level = AssuranceLevel.SUBSTANTIAL
    sign_in(client, erika, level=AssuranceLevel.SUBSTANTIAL)

    client.get(f"{SECURITY}/app/{credential.id}").form("/entfernen").submit(client)

    db.session.expire_all()
    assert erika.attributes[0].level is AssuranceLevel.BASIC


def test_everything_leaves_a_trace_without_secrets(client: PageClient, erika: Account) -> None:
    trail = Trail()
    credential = create_totp(erika)
    page = client.get(f"{SECURITY}/app/{credential.id}")
    page.form("/sperren").submit(client)
    client.get(f"{SECURITY}/app/{credential.id}").form("/entfernen").submit(client)

    actions = [entry.action.value for entry in trail.entries]
    assert actions == ["factor.added", "factor.locked", "factor.removed"]
    assert {entry.account_id for entry in trail.entries} == {erika.id}
    assert all(entry.payload == {"kind": "totp"} for entry in trail.entries)


def test_staff_without_a_second_factor_are_led_to_setting_one_up(client: PageClient) -> None:
    operator = create_account(kind=AccountKind.OPERATOR)
    sign_in(client, operator, level=AssuranceLevel.LOW)

    answer = client.client.get("/betrieb/")

    assert (answer.status_code, answer.location) == (303, SECURITY)
    assert "zweiten Faktor" in client.get(SECURITY).text


def test_staff_with_one_factor_are_asked_for_the_second(client: PageClient) -> None:
    operator = create_account(kind=AccountKind.OPERATOR)
    credential = create_totp(operator)
    sign_in(client, operator, level=AssuranceLevel.LOW)
    assert client.client.get("/betrieb/").location == "/anmelden/bestaetigen"

    page = client.get("/anmelden/bestaetigen")
    answer = page.form("/anmelden/bestaetigen").submit(client, password=PASSWORD, code=code_of(credential))

    assert answer.location == "/betrieb/"
    assert client.client.get("/betrieb/").status_code == 200


def test_confirming_gives_a_new_token_and_keeps_the_session(client: PageClient, erika: Account) -> None:
    old = client.client.get_cookie("servicekonto", domain="localhost")
    age_the_proof()

    page = client.get("/anmelden/bestaetigen")
    page.form("/anmelden/bestaetigen").submit(client, password=PASSWORD)

    new = client.client.get_cookie("servicekonto", domain="localhost")
    assert old is not None and new is not None and old.value != new.value
    assert sessions.load(old.value, clock.now()) is None
    session = db.session.scalars(sa.select(LoginSession)).one()
    assert clock.now() - session.authenticated_at < timedelta(minutes=1)


@pytest.mark.parametrize("fields", [{}, {"password": "falsch falsch falsch"}, {"assertion": "{}"}])
def test_a_wrong_proof_confirms_nothing(client: PageClient, erika: Account, fields: dict[str, str]) -> None:
    age_the_proof()

    page = client.get("/anmelden/bestaetigen")
    answer = page.form("/anmelden/bestaetigen").submit(client, fields)

    assert answer.status_code == 422
    assert client.client.get("/konto/email").location == "/anmelden/bestaetigen"


def test_whoever_can_prove_nothing_is_led_to_the_ways_back(client: PageClient, erika: Account) -> None:
    """The only app is locked, and there are no recovery codes."""
    links = [str(link["href"]) for link in client.get("/anmelden/bestaetigen").select("main a")]

    assert {"/passwort-vergessen", "/konto-verloren"} <= set(links)


def test_a_passkey_confirms_without_a_password(client: PageClient, erika: Account) -> None:
    _passkey, authenticator = create_passkey(erika)
    age_the_proof()
    answer = authenticator.get(question(client))

    page = client.get("/anmelden/bestaetigen")
    page.form("/anmelden/bestaetigen").submit(client, assertion=answer)

    assert client.client.get("/konto/email").status_code == 200
    assert db.session.scalars(sa.select(LoginSession)).one().level is AssuranceLevel.SUBSTANTIAL


def test_the_passkey_of_another_account_does_not_confirm(client: PageClient, erika: Account) -> None:
    _passkey, authenticator = create_passkey(create_account())
    age_the_proof()
    answer = authenticator.get(question(client))

    page = client.get("/anmelden/bestaetigen")

    assert page.form("/anmelden/bestaetigen").submit(client, assertion=answer).status_code == 422


def test_the_list_of_sign_ins_is_read_in_words(client: PageClient, erika: Account) -> None:
    client.client.delete_cookie("servicekonto", domain="localhost")
    for password in ("falsch falsch falsch", PASSWORD):
        client.get("/anmelden").form("/anmelden").submit(client, email="erika@example.org", password=password)

    page = client.get("/konto/anmeldungen")

    assert "Abgewiesen mit dem Passwort" in page.text
    assert "Angemeldet mit dem Passwort" in page.text


def test_nobody_has_more_than_ten_of_a_kind(client: PageClient, erika: Account) -> None:
    for _number in range(factors.MOST_OF_A_KIND):
        create_totp(erika)

    sign_in(client, erika, level=AssuranceLevel.SUBSTANTIAL)
    assert client.get(SECURITY).form("/sicherheit/app").submit(client).status_code == 409
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Passkey)) == 0
