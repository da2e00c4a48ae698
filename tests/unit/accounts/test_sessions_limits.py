from datetime import UTC, datetime, timedelta

import pytest

from servicekonto.accounts import sessions
from servicekonto.accounts.models import AssuranceLevel, LoginSession

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def session_of(level: AssuranceLevel, *, last_seen_at: datetime = START) -> LoginSession:
    return LoginSession(
        level=level, created_at=START, authenticated_at=START, last_seen_at=last_seen_at, ended_at=None
    )


@pytest.mark.parametrize(
    ("level", "absolute", "idle"),
    [
        (AssuranceLevel.BASIC, timedelta(hours=12), timedelta(minutes=60)),
        (AssuranceLevel.LOW, timedelta(hours=12), timedelta(minutes=60)),
        (AssuranceLevel.SUBSTANTIAL, timedelta(hours=2), timedelta(minutes=30)),
        (AssuranceLevel.HIGH, timedelta(minutes=30), timedelta(minutes=5)),
    ],
)
def test_a_session_ends_to_the_second(level: AssuranceLevel, absolute: timedelta, idle: timedelta) -> None:
    unused = session_of(level)
    in_use = session_of(level, last_seen_at=START + absolute - SECOND)

    assert sessions.is_running(unused, at=START + idle - SECOND)
    assert not sessions.is_running(unused, at=START + idle)
    assert sessions.is_running(in_use, at=START + absolute - SECOND)
    assert not sessions.is_running(in_use, at=START + absolute)


def test_every_level_has_its_limits() -> None:
    assert set(sessions.LIMITS) == set(AssuranceLevel)
