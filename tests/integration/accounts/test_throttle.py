from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import sign_in_flows, throttle
from servicekonto.accounts.devices import Browser
from servicekonto.accounts.models import LoginThrottle
from servicekonto.accounts.sign_in_flows import Given
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ThrottledError
from servicekonto.web.i18n import in_language, show_wait
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account
from tests.support.client import PageClient
from tests.support.page import Page

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


def refused(client: PageClient, *, language: str = "de") -> Page:
    """What the page says after too many wrong passwords."""
    create_account(email=EMAIL)
    client.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    form = client.get("/anmelden").form("/anmelden")
    answers = [form.submit(client, email=EMAIL, password=WRONG) for _ in range(6)]
    return client.checked(answers[-1], 429)


def test_the_page_says_how_long(client: PageClient) -> None:
    page = refused(client)

    seconds = int(page.response.headers["Retry-After"])
    assert f"Warten Sie bitte {seconds} Sekunden." in page.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 Sekunde"),
        (59, "59 Sekunden"),
        (60, "1 Minute"),
        (61, "2 Minuten"),
        (3540, "59 Minuten"),
        (3541, "1 Stunde"),
        (3601, "2 Stunden"),
        (86400, "24 Stunden"),
    ],
)
def test_a_wait_is_never_said_shorter_than_it_is(seconds: int, words: str) -> None:
    with in_language("de"):
        assert show_wait(seconds) == words


def test_the_page_says_it_in_english(client: PageClient) -> None:
    page = refused(client, language="en")

    assert f"Please wait {page.response.headers['Retry-After']} seconds." in page.text
    assert "Do you have a passkey?" in page.text


def test_whoever_has_a_passkey_need_not_wait(client: PageClient) -> None:
    assert "Haben Sie einen Passkey?" in refused(client).text


def test_nobody_is_sent_to_a_passkey_that_has_to_wait_as_well(
    client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttle.RULES, throttle.SIGN_IN_ALL, throttle.Rule(5, timedelta(minutes=5)))

    page = refused(client)

    assert "Passkey" not in page.text
    assert "Warten Sie bitte 5 Minuten." in page.text


def test_where_no_password_was_refused_no_passkey_helps(client: PageClient) -> None:
    form = client.get("/passwort-vergessen").form(0)
    answers = [form.submit(client, email=EMAIL) for _ in range(21)]

    page = client.checked(answers[-1], 429)
    assert "Passkey" not in page.text
    assert "Warten Sie bitte 1 Stunde." in page.text


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
