"""Races, with real commits: threads of one process, each with its own connection."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from servicekonto.accounts import (
    attempts,
    commands,
    events,
    factors,
    links,
    password_flows,
    queries,
    recovery,
    sign_in_flows,
    throttle,
)
from servicekonto.accounts.devices import Browser
from servicekonto.accounts.factor_models import FactorKind
from servicekonto.accounts.models import Account, LoginSession, OneTimeLinkPurpose, PersonalAttribute
from servicekonto.accounts.sign_in_flows import Given
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import DomainError
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, encoded_hash
from tests.builders.factors import code_of, create_recovery_codes, create_totp
from tests.support.published import Published

EMAIL = "erika@example.org"
WRONG = "ganz falsches passwort hier"
THREADS = 8


@pytest.fixture(autouse=True)
def database_for_all() -> None:
    """Here every test has a database of its own."""


@pytest.fixture
def app_with_erika(committed_app: Servicekonto) -> Iterator[Servicekonto]:
    with committed_app.app_context(), scoped(SYSTEM):
        create_account(email=EMAIL, agrees=True)
        yield committed_app


def at_the_same_time(app: Servicekonto, act: Callable[[int], object], *, times: int) -> Counter[str]:
    """How often each outcome came: the name of the error, or the text of what was returned."""
    start = threading.Barrier(min(times, THREADS))

    def one(number: int) -> str:
        if number < start.parties:
            start.wait()
        with app.app_context(), scoped(SYSTEM):
            try:
                return str(act(number))
            except DomainError as error:
                return type(error).__name__

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(one, range(times)))


def test_parallel_guesses_cannot_exceed_the_limit(
    app_with_erika: Servicekonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[bool] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, *args: str) -> bool:
        judged.append(True)
        return bool(verify(self, *args))

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    browser = Browser(address="192.0.2.1")

    outcomes = at_the_same_time(
        app_with_erika,
        lambda _number: sign_in_flows.sign_in(EMAIL, Given(password=WRONG), browser=browser, at=SOME_DAY),
        times=40,
    )

    assert outcomes == {"None": 5, "ThrottledError": 35}
    assert len(judged) == 5


def test_parallel_guesses_of_one_network_at_many_accounts(app_with_erika: Servicekonto) -> None:
    browser = Browser(address="192.0.2.1")

    outcomes = at_the_same_time(
        app_with_erika,
        lambda number: sign_in_flows.sign_in(
            f"p{number}@example.org", Given(password=WRONG), browser=browser, at=SOME_DAY
        ),
        times=30,
    )

    assert outcomes == {"None": 10, "ThrottledError": 20}


def test_everybody_who_is_right_gets_in(app_with_erika: Servicekonto) -> None:
    outcomes = at_the_same_time(
        app_with_erika,
        lambda number: bool(
            sign_in_flows.sign_in(
                EMAIL, Given(password=PASSWORD), browser=Browser(address=f"192.0.2.{number + 1}"), at=SOME_DAY
            )
        ),
        times=THREADS,
    )

    assert outcomes == {"True": THREADS}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LoginSession)) == THREADS


def lock_the_password() -> None:
    (password,) = factors.factors_of(erika(), FactorKind.PASSWORD)
    factors.lock(password, erika(), at=SOME_DAY)


def lock_the_account() -> None:
    commands.lock(erika(), at=SOME_DAY)


def add_a_second_factor() -> None:
    create_totp(erika())


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("protect", [lock_the_password, lock_the_account, add_a_second_factor])
def test_an_account_protected_during_the_last_step_starts_no_session(
    app_with_erika: Servicekonto, monkeypatch: pytest.MonkeyPatch, protect: Callable[[], None]
) -> None:
    """By its owner, while a stranger is signing in with the password alone: no session outlives that."""
    monkeypatch.setattr(throttle, "forgive", after(protect, app_with_erika, throttle.forgive))

    assert not enter("")(1)
    assert db.session.scalars(sa.select(LoginSession)).all() == []


@pytest.mark.only("postgresql")
def test_an_account_locked_at_the_last_moment_starts_no_session(
    app_with_erika: Servicekonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked_before = after(lock_the_account, app_with_erika, attempts.note_sign_in)
    monkeypatch.setattr(attempts, "note_sign_in", locked_before)

    assert not enter("")(1)
    assert db.session.scalars(sa.select(LoginSession)).all() == []


@pytest.mark.only("postgresql")
def test_a_code_that_let_nobody_in_is_not_used_up(
    app_with_erika: Servicekonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_totp(erika())
    _sheet, codes = create_recovery_codes(erika())
    with monkeypatch.context() as patched:
        patched.setattr(throttle, "forgive", after(lock_the_account, app_with_erika, throttle.forgive))
        assert not enter(codes[1])(1)

    with unit_of_work():
        commands.unlock(db.session.get_one(Account, erika().id, populate_existing=True))

    assert enter(codes[1])(1)


def after(act: Callable[[], None], app: Servicekonto, then: Callable[..., object]) -> Callable[..., object]:
    """``then``, when something was done in another request."""

    def both(*values: object, **options: object) -> object:
        with ThreadPoolExecutor(1) as other:
            other.submit(in_another_request, act, app).result()
        return then(*values, **options)

    return both


@pytest.mark.only("postgresql")
def test_who_says_that_was_not_me_waits_for_a_sign_in_and_ends_it(
    app_with_erika: Servicekonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work():
        token = links.issue(erika(), OneTimeLinkPurpose.THAT_WAS_NOT_ME, at=SOME_DAY)
    note_sign_in = attempts.note_sign_in

    with ThreadPoolExecutor(1) as other:

        def during(*values: object, **options: object) -> None:
            disown = partial(recovery.secure, token, at=SOME_DAY)
            outcomes.append(other.submit(in_another_request, disown, app_with_erika))
            with pytest.raises(TimeoutError):
                outcomes[0].result(timeout=0.5)
            note_sign_in(*values, **options)  # type: ignore[arg-type]

        outcomes: list[Future[None]] = []
        monkeypatch.setattr(attempts, "note_sign_in", during)
        assert enter("")(1)
        outcomes[0].result()

    session = db.session.scalars(sa.select(LoginSession).execution_options(populate_existing=True)).one()
    assert session.ended_at is not None


def in_another_request(act: Callable[[], None], app: Servicekonto) -> None:
    with app.app_context(), scoped(SYSTEM), unit_of_work():
        act()


def enter(code: str) -> Callable[[int], bool]:
    def act(number: int) -> bool:
        browser, given = Browser(address=f"192.0.2.{number}"), Given(password=PASSWORD, code=code)
        return bool(sign_in_flows.sign_in(EMAIL, given, browser=browser, at=SOME_DAY))

    return act


def test_of_many_with_one_code_of_an_app_one_gets_in(app_with_erika: Servicekonto) -> None:
    code = code_of(create_totp(erika()), SOME_DAY)

    assert at_the_same_time(app_with_erika, enter(code), times=5) == {"True": 1, "False": 4}


def test_of_many_with_one_recovery_code_one_gets_in(app_with_erika: Servicekonto) -> None:
    create_totp(erika())
    _sheet, codes = create_recovery_codes(erika())

    assert at_the_same_time(app_with_erika, enter(codes[2]), times=5) == {"True": 1, "False": 4}


def erika() -> Account:
    account = queries.by_email(EMAIL)
    assert account is not None
    return account


def test_a_reset_link_is_used_once(app_with_erika: Servicekonto) -> None:
    with Published.of(events.PasswordResetRequested, events.PasswordChanged) as published:
        with unit_of_work():
            commands.request_password_reset(EMAIL, at=SOME_DAY)
        token = published.one(events.PasswordResetRequested).link_token

        outcomes = at_the_same_time(
            app_with_erika,
            lambda number: password_flows.reset_password(token, f"{PASSWORD} {number}", at=SOME_DAY),
            times=THREADS,
        )

    assert outcomes == {"None": 1, "NotFoundError": THREADS - 1}
    assert len(published.of_type(events.PasswordChanged)) == 1


def test_a_confirmation_link_is_used_once(app_with_erika: Servicekonto) -> None:
    with Published.of(events.RegistrationRequested, events.EmailConfirmed) as published:
        with unit_of_work():
            commands.register("new@example.org", encoded_hash=encoded_hash(PASSWORD), at=SOME_DAY)
        token = published.one(events.RegistrationRequested).link_token

        def confirm(_number: int) -> None:
            with unit_of_work():
                commands.confirm_email(token, at=SOME_DAY)

        outcomes = at_the_same_time(app_with_erika, confirm, times=THREADS)

    assert outcomes == {"None": 1, "NotFoundError": THREADS - 1}
    assert len(published.of_type(events.EmailConfirmed)) == 1


def test_one_address_becomes_one_account(app_with_erika: Servicekonto) -> None:
    outcomes = at_the_same_time(
        app_with_erika,
        lambda _number: password_flows.register("new@example.org", PASSWORD, at=SOME_DAY),
        times=THREADS,
    )

    assert outcomes == {"None": THREADS}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Account)) == 2


def test_personal_data_saved_twice_are_there_once(app_with_erika: Servicekonto) -> None:
    def save(number: int) -> None:
        with unit_of_work():
            account = queries.by_email(EMAIL)
            assert account is not None
            commands.save_personal_data(account, {"given_names": f"Erika {number}"}, by=account, at=SOME_DAY)

    outcomes = at_the_same_time(app_with_erika, save, times=THREADS)

    assert outcomes == {"None": THREADS}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PersonalAttribute)) == 1


def test_whoever_confirms_an_address_does_not_overtake_whoever_disowns_it(
    app_with_erika: Servicekonto,
) -> None:
    for day in range(10):
        at = SOME_DAY + timedelta(days=day)
        with Published.of(events.EmailChangeRequested) as published, unit_of_work():
            account = queries.by_email(EMAIL)
            assert account is not None, f"in the hands of the stranger since day {day}"
            disown = links.issue(account, OneTimeLinkPurpose.THAT_WAS_NOT_ME, at=at)
            recovery.request_email_change(account, f"new{day}@example.org", at=at)
        confirm = published.one(events.EmailChangeRequested).link_token or ""
        acts = ((recovery.confirm_email_change, confirm), (recovery.secure, disown))

        def act(number: int, acts: Any = acts, at: datetime = at) -> None:
            command, token = acts[number]
            with unit_of_work():
                command(token, at=at)

        at_the_same_time(app_with_erika, act, times=2)

    assert queries.by_email(EMAIL) is not None
