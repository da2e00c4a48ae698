from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import sign_in_flows, throttle
from servicekonto.accounts.devices import Browser
from servicekonto.accounts.models import LoginThrottle
from servicekonto.accounts.sign_in_flows import Given
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ThrottledError
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account
from tests.support.client import PageClient

EMAIL = "erika@example.org"
WRONG = "ganz falsches passwort hier"
HOME = Browser(address="192.0.2.1")
ELSEWHERE = Browser(address="198.51.100.9")


def guess(email: str = EMAIL, *, browser: Browser = HOME, after: float = 0, password: str = WRONG) -> bool:
    at = SOME_DAY + timedelta(seconds=after)
    return sign_in_flows.sign_in(email, Given(password=password), browser=browser, at=at) is not None


def wait_of_next_guess(**values: object) -> int:
    with pytest.raises(ThrottledError) as caught:
        guess(**values)  # type: ignore[arg-type]
    return caught.value.retry_after


def test_after_five_wrong_guesses_the_sixth_waits() -> None:
    create_account(email=EMAIL)
    for _ in range(5):
        assert not guess()

    assert wait_of_next_guess() == 30
    assert wait_of_next_guess(after=10) == 20
    assert not guess(after=30)
    assert wait_of_next_guess(after=31) == 59


def test_while_waiting_nothing_is_hashed(hashes: list[str]) -> None:
    for _ in range(5):
        guess()
    hashes.clear()

    wait_of_next_guess()

    assert hashes == []


def test_even_the_right_password_waits() -> None:
    create_account(email=EMAIL)
    for _ in range(5):
        guess()

    wait_of_next_guess(password=PASSWORD)


def test_the_owner_elsewhere_is_not_locked_out() -> None:
    create_account(email=EMAIL)
    for _ in range(5):
        guess()

    assert guess(browser=ELSEWHERE, password=PASSWORD)


def test_unknown_addresses_are_throttled_alike() -> None:
    for _ in range(5):
        guess("nobody@example.org")

    assert wait_of_next_guess(email="nobody@example.org") == 30


def test_success_forgets_the_failures() -> None:
    create_account(email=EMAIL)
    for _ in range(4):
        guess()
    assert guess(password=PASSWORD)

    for _ in range(5):
        assert not guess()


def test_ten_failures_of_one_network_in_five_minutes_are_enough() -> None:
    for number in range(10):
        guess(f"person{number}@example.org", after=number)

    assert wait_of_next_guess(email="other@example.org", after=60) == 240
    assert not guess("other@example.org", after=300)


def test_many_people_behind_one_address_can_sign_in() -> None:
    for number in range(15):
        create_account(email=f"colleague{number}@example.org")

    assert all(guess(f"colleague{number}@example.org", password=PASSWORD) for number in range(15))


def test_addresses_of_one_ipv6_subscriber_count_together() -> None:
    for number in range(10):
        guess(f"person{number}@example.org", browser=Browser(address=f"2001:db8::{number + 1:x}"))

    assert wait_of_next_guess(email="other@example.org", browser=Browser(address="2001:db8::ffff")) == 300


def test_the_page_says_wait(client: PageClient) -> None:
    create_account(email=EMAIL)
    page = client.get("/anmelden")
    answers = [page.form("/anmelden").submit(client, email=EMAIL, password=WRONG) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 30


def test_twenty_reset_mails_an_hour_for_one_network(client: PageClient) -> None:
    page = client.get("/passwort-vergessen")
    statuses = [
        page.form(0).submit(client, email=f"person{number}@example.org").status_code for number in range(21)
    ]

    assert statuses == [303] * 20 + [429]


def test_old_counters_go() -> None:
    guess()
    with unit_of_work():
        assert throttle.purge(at=SOME_DAY + timedelta(hours=23)) == 0
        assert throttle.purge(at=SOME_DAY + timedelta(days=3)) == 3

    assert db.session.scalar(sa.select(sa.func.count()).select_from(LoginThrottle)) == 0


def test_counters_name_nobody() -> None:
    guess()

    subjects = db.session.scalars(sa.select(LoginThrottle.subject)).all()

    assert all(len(subject) == 32 and b"erika" not in subject for subject in subjects)


def test_what_is_refused_by_one_rule_counts_for_no_other() -> None:
    """Otherwise somebody who goes on for five minutes would use up the codes of a whole day."""
    attempt = throttle.code_attempt(create_account().id)
    for _ in range(20):
        with unit_of_work():
            throttle.is_too_much(attempt, at=SOME_DAY)

    rows = db.session.execute(sa.select(LoginThrottle.scope, LoginThrottle.attempts))
    counted = {row.scope: row.attempts for row in rows}

    assert counted == {throttle.CODE_SHORT: 5, throttle.CODE_HOUR: 5, throttle.CODE_DAY: 5}
