from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import sessions
from servicekonto.accounts.models import AssuranceLevel, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.support.client import PageClient

SECOND = timedelta(seconds=1)
LOW, SUBSTANTIAL, HIGH = AssuranceLevel.LOW, AssuranceLevel.SUBSTANTIAL, AssuranceLevel.HIGH


def started(level: AssuranceLevel) -> str:
    account = create_account()
    with unit_of_work():
        return sessions.start(account.id, level, SOME_DAY)


def level_at(token: str, at: datetime) -> AssuranceLevel | None:
    """None: it has ended."""
    session = sessions.load(token, at)
    return sessions.level_at(session, at=at) if session else None


def use(token: str, at: datetime) -> None:
    session = sessions.load(token, at)
    assert session is not None
    with unit_of_work():
        sessions.touch(session.id, sessions.level_at(session, at=at), at)


def test_an_idle_session_ends_after_an_hour() -> None:
    token, limits = started(LOW), sessions.LIMITS[LOW]

    assert level_at(token, SOME_DAY + limits.idle - SECOND) is LOW
    assert level_at(token, SOME_DAY + limits.idle) is None


def test_a_session_in_use_ends_too() -> None:
    token, limits = started(LOW), sessions.LIMITS[LOW]
    keep_using(token, until=SOME_DAY + limits.absolute - SECOND)

    assert level_at(token, SOME_DAY + limits.absolute - SECOND) is LOW
    assert level_at(token, SOME_DAY + limits.absolute) is None


@pytest.mark.parametrize(("level", "below"), [(SUBSTANTIAL, LOW), (HIGH, LOW)])
def test_a_level_that_is_not_used_is_lost_and_the_session_goes_on_below(
    level: AssuranceLevel, below: AssuranceLevel
) -> None:
    token, limits = started(level), sessions.LIMITS[level]

    assert level_at(token, SOME_DAY + limits.idle - SECOND) is level
    assert level_at(token, SOME_DAY + timedelta(minutes=45)) is below


@pytest.mark.parametrize("level", [SUBSTANTIAL, HIGH])
def test_a_level_ends_however_much_it_is_used(level: AssuranceLevel) -> None:
    token, limits = started(level), sessions.LIMITS[level]
    keep_using(token, until=SOME_DAY + limits.absolute - SECOND, every=limits.idle / 2)

    assert level_at(token, SOME_DAY + limits.absolute - SECOND) is level
    assert level_at(token, SOME_DAY + limits.absolute) is not level


def test_high_falls_to_substantial_first() -> None:
    assert level_at(started(HIGH), SOME_DAY + timedelta(minutes=5)) is SUBSTANTIAL


def test_a_level_that_was_lost_does_not_come_back_by_using_the_session() -> None:
    token = started(SUBSTANTIAL)
    later = SOME_DAY + timedelta(minutes=40)

    use(token, later)

    assert level_at(token, later + timedelta(minutes=1)) is LOW


def test_a_new_proof_brings_a_new_token_and_the_old_one_is_dead() -> None:
    old = started(LOW)
    session = sessions.load(old, SOME_DAY)
    assert session is not None
    with unit_of_work():
        new = sessions.renew(session.id, SUBSTANTIAL, SOME_DAY + SECOND)

    assert level_at(old, SOME_DAY + SECOND) is None
    assert level_at(new, SOME_DAY + SECOND) is SUBSTANTIAL


def test_a_weaker_proof_leaves_the_level_and_does_not_prolong_it() -> None:
    token = started(SUBSTANTIAL)
    session = sessions.load(token, SOME_DAY)
    assert session is not None
    with unit_of_work():
        token = sessions.renew(session.id, LOW, SOME_DAY + timedelta(minutes=20))

    assert level_at(token, SOME_DAY + timedelta(minutes=21)) is SUBSTANTIAL
    keep_using(token, until=SOME_DAY + timedelta(hours=2), since=SOME_DAY + timedelta(minutes=21))
    assert level_at(token, SOME_DAY + timedelta(hours=2)) is LOW


def keep_using(
    token: str,
    *,
    until: datetime,
    since: datetime = SOME_DAY,
    every: timedelta = timedelta(minutes=20),
) -> None:
    at = since
    while at < until:
        at = min(at + every, until)
        use(token, at)


def test_use_is_noted_once_a_minute(client: PageClient, queries: list[str]) -> None:
    now = clock.now()
    sign_in(client, create_account(), at=now - timedelta(seconds=70))
    queries.clear()

    client.get("/konto")
    client.get("/konto")

    writes = [statement for statement in queries if not statement.startswith("SELECT")]
    assert len(writes) == 1 and writes[0].startswith("UPDATE login_session")
    seen_at = db.session.scalars(sa.select(LoginSession)).one().last_seen_at
    assert seen_at >= now


def test_an_ended_session_is_not_revived_by_use() -> None:
    token = started(AssuranceLevel.LOW)
    session = sessions.load(token, SOME_DAY)
    assert session is not None
    with unit_of_work():
        sessions.end(token, at=SOME_DAY)
        sessions.touch(session.id, AssuranceLevel.LOW, SOME_DAY + timedelta(minutes=5))

    assert sessions.load(token, SOME_DAY + timedelta(minutes=5)) is None


def test_old_sessions_are_deleted() -> None:
    started(AssuranceLevel.LOW)
    with unit_of_work():
        assert sessions.purge(at=SOME_DAY + timedelta(days=29), keep=timedelta(days=30)) == 0
        assert sessions.purge(at=SOME_DAY + timedelta(days=31), keep=timedelta(days=30)) == 1
