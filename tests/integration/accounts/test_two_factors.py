"""Signing in with a password and something else: nobody learns which of them was wrong."""

import dataclasses
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts import factors, sessions, sign_in_flows, throttle, totp
from servicekonto.accounts.devices import Browser
from servicekonto.accounts.factor_models import PasswordCredential, TotpCredential
from servicekonto.accounts.history_models import KnownDevice, Method, Outcome, SignInRecord
from servicekonto.accounts.models import Account, AssuranceLevel, LoginSession
from servicekonto.accounts.sign_in_flows import Given
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.notifications.models import Mail
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, sign_in
from tests.builders.factors import code_of, create_passkey, create_recovery_codes, create_totp
from tests.support.client import PageClient

EMAIL = "erika@example.org"
WRONG = "ganz falsches passwort hier"
HOME = Browser(address="192.0.2.1", device="Firefox, Linux")


@pytest.fixture
def erika() -> Account:
    return create_account(email=EMAIL)


def enter(password: str = PASSWORD, code: str = "", **options: Any) -> sign_in_flows.Started | None:
    values: dict[str, Any] = {"browser": HOME, "at": SOME_DAY} | options
    return sign_in_flows.sign_in(EMAIL, Given(password=password, code=code), **values)


def level_of_last_session() -> AssuranceLevel:
    newest = sa.select(LoginSession).order_by(LoginSession.id.desc()).limit(1)
    return db.session.scalars(newest).one().level


def test_password_and_code_are_substantial(erika: Account) -> None:
    credential = create_totp(erika)

    assert enter(code=code_of(credential, SOME_DAY)) is not None
    assert level_of_last_session() is AssuranceLevel.SUBSTANTIAL


def test_without_a_second_factor_the_password_is_low(erika: Account) -> None:
    assert enter() is not None
    assert level_of_last_session() is AssuranceLevel.LOW


def test_with_a_second_factor_the_password_alone_is_refused(erika: Account) -> None:
    create_totp(erika)

    assert enter() is None


def test_a_passkey_makes_the_password_alone_too_little_as_well(erika: Account) -> None:
    create_passkey(erika)

    assert enter() is None


def test_the_second_factor_of_somebody_else_does_not_matter(erika: Account) -> None:
    create_totp(create_account(email="jonas@example.org"))

    assert enter() is not None


def test_a_second_factor_that_was_never_used_does_not_count(erika: Account) -> None:
    with unit_of_work():
        totp.begin(erika, "Handy", level=AssuranceLevel.LOW, at=SOME_DAY)

    assert enter() is not None


def test_a_locked_second_factor_lets_nobody_in_and_does_not_make_the_password_enough(erika: Account) -> None:
    credential = create_totp(erika)
    with unit_of_work():
        factors.lock(credential, erika, at=SOME_DAY)

    assert enter() is None
    assert enter(code=code_of(credential, SOME_DAY)) is None


@pytest.mark.parametrize(
    "code", ["", "000000", "12345", "abc", "٠١٢٣٤٥", "🙂", "7K3F-9QXM-2H4W-7K3F-9QXM-2H4W"]
)
def test_all_ways_to_be_wrong_get_the_same_answer(client: PageClient, erika: Account, code: str) -> None:
    """Status, bytes and cookies: the password was right in one of them."""
    create_totp(erika)

    answers = {answer_to(client, password=password, code=code) for password in (PASSWORD, WRONG)}

    assert len(answers) == 1
    assert next(iter(answers))[0] == 422


def answer_to(client: PageClient, **fields: Any) -> tuple[int, str, str]:
    page = client.get("/anmelden")
    answer = page.form("/anmelden").submit(client, email=EMAIL, **fields)
    text = re.sub(r'(nonce|value)="[\w.-]{20,}"', "", answer.text)
    return answer.status_code, text, answer.headers.get("Set-Cookie", "").partition("=")[0]


def test_unknown_known_and_locked_cost_exactly_one_hash(erika: Account, hashes: list[str]) -> None:
    create_totp(erika)
    create_account(email="locked@example.org", locked_at=SOME_DAY)
    for email in (EMAIL, "unknown@example.org", "locked@example.org"):
        for password in (PASSWORD, WRONG):
            hashes.clear()
            sign_in_flows.sign_in(email, Given(password=password, code="000000"), browser=HOME, at=SOME_DAY)
            assert len(hashes) == 1, (email, password, hashes)


def test_a_code_is_taken_once(erika: Account) -> None:
    credential = create_totp(erika)
    code = code_of(credential, SOME_DAY)

    assert enter(code=code) is not None
    assert enter(code=code) is None


def test_the_step_before_and_after_are_taken_and_no_other(erika: Account) -> None:
    credential = create_totp(erika)
    for seconds, is_taken in ((-60, False), (-30, True), (30, True), (60, False)):
        with unit_of_work():
            credential.last_step = 0
        code = code_of(credential, SOME_DAY + timedelta(seconds=seconds))
        assert (enter(code=code) is not None) is is_taken, seconds


def test_an_older_step_than_the_last_used_one_is_not_taken(erika: Account) -> None:
    credential = create_totp(erika)

    assert enter(code=code_of(credential, SOME_DAY + timedelta(seconds=30))) is not None
    assert enter(code=code_of(credential, SOME_DAY)) is None


def test_codes_are_throttled_by_account_without_a_word(erika: Account) -> None:
    """Whoever knows the password learns nothing from a 429, and other networks do not help."""
    credential = create_totp(erika)
    for number in range(5):
        assert enter(code="000000", browser=Browser(address=f"198.51.100.{number}")) is None

    assert enter(code=code_of(credential, SOME_DAY), browser=Browser(address="203.0.113.1")) is None
    later = SOME_DAY + timedelta(minutes=6)
    assert enter(code=code_of(credential, later), at=later) is not None


def test_a_stranger_without_the_password_cannot_use_up_the_codes(erika: Account) -> None:
    credential = create_totp(erika)
    for number in range(10):
        enter(WRONG, "000000", browser=Browser(address=f"198.51.100.{number}"))

    assert enter(code=code_of(credential, SOME_DAY)) is not None


def test_a_hundred_wrong_passwords_make_the_password_rest_and_not_the_account(erika: Account) -> None:
    _passkey, _authenticator = create_passkey(erika)
    with unit_of_work():
        db.session.execute(sa.update(PasswordCredential).values(failures=factors.MOST_FAILURES))

    assert enter(WRONG) is None

    password = db.session.scalars(sa.select(PasswordCredential)).one()
    assert password.locked_at is not None
    assert db.session.get_one(Account, erika.id).locked_at is None


def test_the_owner_is_told_once_that_somebody_guessed_too_often(client: PageClient, erika: Account) -> None:
    with unit_of_work():
        db.session.execute(sa.update(PasswordCredential).values(failures=factors.MOST_FAILURES))

    for _guess in range(2):
        answer_to(client, password=WRONG)

    assert [mail.template for mail in db.session.scalars(sa.select(Mail))] == ["factor_guessed_at"]


def test_an_app_that_was_guessed_at_too_often_is_locked_and_the_owner_is_told(erika: Account) -> None:
    create_totp(erika)
    with unit_of_work():
        db.session.execute(sa.update(TotpCredential).values(failures=factors.MOST_FAILURES - 1))

    enter(code="000000")

    db.session.expire_all()
    assert db.session.scalars(sa.select(TotpCredential)).one().locked_at is not None
    assert [mail.template for mail in db.session.scalars(sa.select(Mail))] == ["factor_guessed_at"]


def test_the_right_password_ends_the_row_of_failures(erika: Account) -> None:
    enter(WRONG)
    assert enter() is not None

    assert db.session.scalars(sa.select(PasswordCredential)).one().failures == 0


def test_a_recovery_code_gives_access_and_no_level(erika: Account) -> None:
    create_totp(erika)
    _sheet, codes = create_recovery_codes(erika)

    assert enter(code=codes[1].lower().replace("0", "O")) is not None
    assert level_of_last_session() is AssuranceLevel.LOW


def test_a_recovery_code_of_somebody_else_is_worth_nothing(erika: Account) -> None:
    create_totp(erika)
    other = create_account()
    create_totp(other)
    _sheet, codes = create_recovery_codes(other)

    assert enter(code=codes[1]) is None


def test_the_history_tells_the_owner_what_was_tried(client: PageClient, erika: Account) -> None:
    credential = create_totp(erika)
    enter(WRONG)
    enter(code=code_of(credential, SOME_DAY))

    records = db.session.scalars(sa.select(SignInRecord).order_by(SignInRecord.id)).all()

    assert [record.outcome for record in records] == [Outcome.REFUSED, Outcome.SIGNED_IN]
    assert records[1].method is Method.PASSWORD_AND_TOTP
    assert records[0].device == "Firefox, Linux"


def test_a_browser_is_known_from_its_last_day_of_use(erika: Account) -> None:
    first = enter()
    assert first is not None
    again = dataclasses.replace(HOME, known_as=first.known_as, device="Firefox, Windows")

    def seen(*, after: timedelta) -> tuple[timedelta, str | None]:
        assert enter(browser=again, at=SOME_DAY + after) is not None
        device = db.session.scalars(sa.select(KnownDevice).execution_options(populate_existing=True)).one()
        return device.last_seen_at - SOME_DAY, device.device

    assert seen(after=timedelta(hours=23)) == (timedelta(0), "Firefox, Linux")
    assert seen(after=timedelta(hours=24)) == (timedelta(hours=24), "Firefox, Windows")


def test_nothing_is_kept_of_attempts_at_unknown_addresses() -> None:
    sign_in_flows.sign_in("unknown@example.org", Given(password=WRONG), browser=HOME, at=SOME_DAY)

    assert db.session.scalars(sa.select(SignInRecord)).all() == []


def test_secrets_are_sealed_and_bound_to_their_row(erika: Account) -> None:
    one, other = create_totp(erika), create_totp(erika)
    raw = one.secret or b""

    assert len(raw) == 20 and raw not in one.secret_sealed
    other.secret_sealed = one.secret_sealed
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the cipher calls it
        _ = other.secret
    db.session.rollback()


def test_the_counters_of_codes_are_those_of_the_rules() -> None:
    limits = [(throttle.RULES[rule].limit, throttle.RULES[rule].window) for rule in throttle.CODE_RULES]

    assert limits == [(5, timedelta(minutes=5)), (20, timedelta(hours=1)), (50, timedelta(days=1))]


def test_a_session_of_two_factors_falls_to_low_in_time(erika: Account) -> None:
    started = enter(code=code_of(create_totp(erika), SOME_DAY))
    assert started is not None
    later = SOME_DAY + timedelta(minutes=31)

    session = sessions.load(started.token, later)

    assert session is not None and sessions.level_at(session, at=later) is AssuranceLevel.LOW


def test_an_app_may_have_a_clock_of_its_own_account(erika: Account) -> None:
    """Two apps of one account: each has its own steps."""
    one, other = create_totp(erika), create_totp(erika)

    assert enter(code=code_of(one, SOME_DAY)) is not None
    assert enter(code=code_of(other, SOME_DAY)) is not None
    db.session.expire_all()
    assert {row.last_step > 0 for row in db.session.scalars(sa.select(TotpCredential))} == {True}


def test_now_is_what_the_clock_says(erika: Account) -> None:
    credential = create_totp(erika)

    assert enter(code=code_of(credential), at=clock.now()) is not None


def test_changing_the_password_is_no_proof_where_a_second_factor_belongs_to_it(
    client: PageClient, erika: Account
) -> None:
    """A session that somebody left open, and the password, would otherwise lead to everything else."""
    create_totp(erika)
    sign_in(client, erika, level=AssuranceLevel.SUBSTANTIAL, at=clock.now() - timedelta(minutes=11))

    page = client.get("/konto/passwort")
    page.form(page.path).submit(
        client, current_password=PASSWORD, new_password="zwölf boxkämpfer jagen viktor"
    )

    assert client.client.get("/konto").status_code == 200
    assert client.client.get("/konto/email").location == "/anmelden/bestaetigen"
