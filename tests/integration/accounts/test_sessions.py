from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import sessions
from servicekonto.accounts.models import AssuranceLevel, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.support.client import PageClient

SECOND = timedelta(seconds=1)


def started(level: AssuranceLevel) -> str:
    account = create_account()
    with unit_of_work():
        return sessions.start(account, level, SOME_DAY)


@pytest.mark.parametrize("level", list(AssuranceLevel))
def test_an_idle_session_ends(level: AssuranceLevel) -> None:
    token, limits = started(level), sessions.LIMITS[level]

    assert sessions.load(token, SOME_DAY + limits.idle - SECOND) is not None
    assert sessions.load(token, SOME_DAY + limits.idle) is None


@pytest.mark.parametrize("level", list(AssuranceLevel))
def test_a_session_in_use_ends_too(level: AssuranceLevel) -> None:
    token, limits = started(level), sessions.LIMITS[level]
    at = SOME_DAY
    while at < SOME_DAY + limits.absolute - SECOND:
        at = min(at + limits.idle / 2, SOME_DAY + limits.absolute - SECOND)
        session = sessions.load(token, at)
        assert session is not None
        with unit_of_work():
            sessions.touch(session.id, at)

    assert sessions.load(token, SOME_DAY + limits.absolute - SECOND) is not None
    assert sessions.load(token, SOME_DAY + limits.absolute) is None


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
        sessions.touch(session.id, SOME_DAY + timedelta(minutes=5))

    assert sessions.load(token, SOME_DAY + timedelta(minutes=5)) is None


def test_old_sessions_are_deleted() -> None:
    started(AssuranceLevel.LOW)
    with unit_of_work():
        assert sessions.purge(at=SOME_DAY + timedelta(days=29), keep=timedelta(days=30)) == 0
        assert sessions.purge(at=SOME_DAY + timedelta(days=31), keep=timedelta(days=30)) == 1
