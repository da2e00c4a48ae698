from datetime import UTC, datetime, timedelta

import pytest

from servicekonto.accounts import sessions
from servicekonto.accounts.models import AssuranceLevel, LoginSession

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def session_of(level: AssuranceLevel, *, last_seen_at: datetime = START) -> LoginSession:
    return LoginSession(
        level=level,
        level_since=START,
        created_at=START,
        authenticated_at=START,
        last_seen_at=last_seen_at,
        ended_at=None,
    )


@pytest.mark.parametrize(
    ("level", "absolute", "idle"),
    [
        (AssuranceLevel.LOW, timedelta(hours=12), timedelta(minutes=60)),
        (AssuranceLevel.SUBSTANTIAL, timedelta(hours=2), timedelta(minutes=30)),
        (AssuranceLevel.HIGH, timedelta(minutes=30), timedelta(minutes=5)),
    ],
)
def test_a_level_ends_to_the_second(level: AssuranceLevel, absolute: timedelta, idle: timedelta) -> None:
    unused = session_of(level)
    in_use = session_of(level, last_seen_at=START + absolute - SECOND)

    for session, end in ((unused, START + idle), (in_use, START + absolute)):
        assert sessions.level_at(session, at=end - SECOND) is level
        assert sessions.level_at(session, at=end) is not level or not sessions.is_running(session, at=end)


def test_every_level_has_its_limits() -> None:
    assert set(sessions.LIMITS) == set(AssuranceLevel)
