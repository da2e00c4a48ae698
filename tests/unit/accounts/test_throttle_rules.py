from datetime import timedelta

import pytest

from servicekonto.accounts import throttle


def seconds_after(attempts: int) -> float | None:
    rule = throttle.RULES[throttle.SIGN_IN_ACCOUNT]
    wait = rule.wait_after(attempts, remaining=timedelta(hours=1))
    return None if wait is None else wait.total_seconds()


def test_the_wait_doubles_from_half_a_minute_to_a_quarter_of_an_hour() -> None:
    waits = [seconds_after(attempts) for attempts in range(4, 13)]

    assert waits == [None, 30, 60, 120, 240, 480, 900, 900, 900]


def test_very_many_attempts_do_not_overflow() -> None:
    assert seconds_after(100_000) == 900


def test_a_network_waits_until_its_window_ends() -> None:
    rule = throttle.RULES[throttle.SIGN_IN_NETWORK]

    assert rule.wait_after(9, remaining=timedelta(minutes=3)) is None
    assert rule.wait_after(10, remaining=timedelta(minutes=3)) == timedelta(minutes=3)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_one_subscriber_is_one_network(address: str | None, network: str) -> None:
    assert throttle.network_of(address) == network
