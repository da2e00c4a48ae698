"""Signed-in browsers. A session is a row; the browser holds a random token, the row its hash."""

import functools
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from servicekonto.accounts.events import SessionReplaced, SessionsOver
from servicekonto.accounts.models import Account, AssuranceLevel, LoginSession
from servicekonto.core.db import db, execute, table_of
from servicekonto.core.errors import ConflictError, NotFoundError
from servicekonto.core.events import publish
from servicekonto.core.ids import new_id
from servicekonto.core.sealing import token_hash

TOKEN_BYTES = 32
MOST_SESSIONS = 10
TOUCH_INTERVAL = timedelta(minutes=1)

_session = table_of(LoginSession)
_account = table_of(Account)
_OF_A_NEW_ONE = (
    *("id", "account_id", "token_hash", "device", "level"),
    *("level_since", "created_at", "authenticated_at", "last_seen_at"),
)
# Whoever locks the account waits for this and ends it, or was first, and none begins.
_START = (
    sa.insert(_session)
    .from_select(
        _OF_A_NEW_ONE,
        sa.select(*(sa.bindparam(name, type_=_session.c[name].type) for name in _OF_A_NEW_ONE))
        .select_from(_account)
        .where(_account.c.id == sa.bindparam("account_id"), _account.c.locked_at.is_(None))
        .with_for_update(read=True),
    )
    .returning(_session.c.id)
)
_is_open = sa.and_(_session.c.account_id == sa.bindparam("account"), _session.c.ended_at.is_(None))
NUMBER_OPEN = sa.select(sa.func.count()).select_from(_session).where(_is_open).scalar_subquery()
"""To be asked along with something else; ``account``: of which one."""
_SURPLUS = (
    sa.select(_session.c.id)
    .where(_is_open, _session.c.id != sa.bindparam("but"))
    .order_by(_session.c.last_seen_at.desc())
    .offset(MOST_SESSIONS - 1)
)


class MeanwhileError(ConflictError):
    """What was proved a moment ago does not hold any more."""


@dataclass(frozen=True)
class Limits:
    """``absolute`` counts from the proof, ``idle`` from the last request. There is no grace."""

    absolute: timedelta
    idle: timedelta


# BSI TR-03160-1 § 4.3, table 2.
LIMITS: dict[AssuranceLevel, Limits] = {
    AssuranceLevel.BASIC: Limits(timedelta(hours=12), timedelta(minutes=60)),
    AssuranceLevel.LOW: Limits(timedelta(hours=12), timedelta(minutes=60)),
    AssuranceLevel.SUBSTANTIAL: Limits(timedelta(hours=2), timedelta(minutes=30)),
    AssuranceLevel.HIGH: Limits(timedelta(minutes=30), timedelta(minutes=5)),
}


class Running(Protocol):
    """What the end of a session depends on."""

    @property
    def level(self) -> AssuranceLevel: ...
    @property
    def level_since(self) -> datetime: ...
    @property
    def authenticated_at(self) -> datetime: ...
    @property
    def last_seen_at(self) -> datetime: ...


def start(
    account_id: UUID,
    level: AssuranceLevel,
    at: datetime,
    *,
    device: str | None = None,
    replaces: str | None = None,
    number_open: int = MOST_SESSIONS,
) -> str:
    """A new token for this browser. ``replaces``: the token it had until now, dead from here on.
    ``number_open``: of sessions, where it is known that they are not too many. MeanwhileError when the
    account is locked.
    """
    token, session_id = secrets.token_urlsafe(TOKEN_BYTES), new_id()
    values = {"id": session_id, "account_id": account_id, "token_hash": token_hash(token), "device": device}
    moments = dict.fromkeys(("level_since", "created_at", "authenticated_at", "last_seen_at"), at)
    if execute(_START, {**values, **moments, "level": level}).one_or_none() is None:
        raise MeanwhileError("account")
    # Only now: as who locks an account, first the account and then its sessions.
    if replaces is not None:
        _replace(replaces, account_id, session_id, at=at)
    if number_open >= MOST_SESSIONS:
        _end_the_oldest(account_id, but=session_id, at=at)
    return token


def renew(session_id: UUID, level: AssuranceLevel, at: datetime) -> str:
    """The owner has proved again who they are. A new token, the old one is dead (ASVS 7.2.4).

    A weaker proof than the one before prolongs the session and leaves its level alone.
    """
    token = replace_token(session_id)
    session = db.session.get_one(LoginSession, session_id)
    reached = level_at(session, at=at)
    session.level = reached
    if level.reaches(reached):
        session.level, session.level_since = level, at
    session.authenticated_at = session.last_seen_at = at
    db.session.flush()
    return token


def replace_token(session_id: UUID) -> str:
    """As ``renew`` where nothing was proved that counts: its ends stay where they are."""
    session = db.session.get_one(LoginSession, session_id, with_for_update=True)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.token_hash = token_hash(token)
    db.session.flush()
    return token


def load(token: str, at: datetime) -> LoginSession | None:
    """The running session with its account, in one query; None when it ended or ran out."""
    session = db.session.scalar(_running(), {"token_hash": token_hash(token)})
    return session if session is not None and is_running(session, at=at) else None


@functools.cache
def _running() -> sa.Select[LoginSession]:
    return (
        sa.select(LoginSession)
        .join(LoginSession.account)
        .options(contains_eager(LoginSession.account))
        .where(
            LoginSession.token_hash == sa.bindparam("token_hash"),
            LoginSession.ended_at.is_(None),
            Account.locked_at.is_(None),
        )
    )


def assert_not_ended(session_id: UUID) -> None:
    """As the database knows it now. Raises MeanwhileError."""
    is_open = sa.select(_session.c.id).where(_session.c.id == session_id, _session.c.ended_at.is_(None))
    if execute(is_open, {}).one_or_none() is None:
        raise MeanwhileError("session")


def is_running(session: LoginSession, *, at: datetime) -> bool:
    """At any level: what has run out above is lost, and the session goes on below (TR-03160-1 § 4.3)."""
    return session.ended_at is None and _holds(session, AssuranceLevel.LOW, at=at)


def level_at(session: Running, *, at: datetime) -> AssuranceLevel:
    """The highest up to the one it was raised to whose limits are not over."""
    for level in (AssuranceLevel.HIGH, AssuranceLevel.SUBSTANTIAL):
        if session.level.reaches(level) and _holds(session, level, at=at):
            return level
    return AssuranceLevel.LOW


def ends_at(session: Running) -> datetime:
    """When it ends or its level is lost, if nothing happens any more in this browser."""
    return min(ends_at_the_latest(session), session.last_seen_at + LIMITS[session.level].idle)


def ends_at_the_latest(session: Running) -> datetime:
    """However much it is used."""
    return _since(session, session.level) + LIMITS[session.level].absolute


def _holds(session: Running, level: AssuranceLevel, *, at: datetime) -> bool:
    limits = LIMITS[level]
    return at < min(_since(session, level) + limits.absolute, session.last_seen_at + limits.idle)


def _since(session: Running, level: AssuranceLevel) -> datetime:
    is_above = level.reaches(AssuranceLevel.SUBSTANTIAL)
    return session.level_since if is_above else session.authenticated_at


def running_sessions(account: Account, *, at: datetime) -> list[LoginSession]:
    """The last used first."""
    rows = db.session.scalars(
        sa.select(LoginSession)
        .where(LoginSession.account_id == account.id, LoginSession.ended_at.is_(None))
        .order_by(LoginSession.last_seen_at.desc())
    )
    return [session for session in rows if is_running(session, at=at)]


def is_due_for_touch(last_seen_at: datetime, *, at: datetime) -> bool:
    return at - last_seen_at >= TOUCH_INTERVAL


def touch(session_id: UUID, level: AssuranceLevel, at: datetime) -> None:
    """Note that the browser is in use, at the level it has now. Of several at once one writes.

    A level that was lost while nothing happened does not come back by using the session.
    """
    _update(
        sa.update(LoginSession)
        .where(
            LoginSession.id == session_id,
            LoginSession.ended_at.is_(None),
            LoginSession.last_seen_at <= at - TOUCH_INTERVAL,
        )
        .values(last_seen_at=at, level=level)
    )


def end(token: str, *, at: datetime) -> None:
    """Ending it again changes nothing."""
    _end(LoginSession.token_hash == token_hash(token), at=at)


def end_one(account: Account, session_id: UUID, *, at: datetime) -> None:
    """Raises NotFoundError when it is not a session of this account."""
    own = sa.select(LoginSession.id).where(
        LoginSession.id == session_id, LoginSession.account_id == account.id
    )
    if db.session.scalar(own) is None:
        raise NotFoundError(session_id)
    _end(LoginSession.id == session_id, at=at)


def end_all(account: Account, *, at: datetime, but: UUID | None = None) -> int:
    """Returns how many there were."""
    others = LoginSession.id != but if but is not None else sa.true()
    return _end(LoginSession.account_id == account.id, others, at=at)


def end_everybodys(*, at: datetime) -> int:
    return _end(at=at)


def end_expired(*, at: datetime, most: int) -> int:
    """Note that sessions have run out. Returns how many; ``most``: perhaps there are more."""
    limits = LIMITS[AssuranceLevel.LOW]
    has_run_out = sa.or_(
        LoginSession.authenticated_at <= at - limits.absolute, LoginSession.last_seen_at <= at - limits.idle
    )
    found = (
        sa.select(LoginSession.id)
        .where(LoginSession.ended_at.is_(None), has_run_out)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return _end(LoginSession.id.in_(found), at=at)


def purge(*, at: datetime, keep: timedelta) -> int:
    """Delete the rows of sessions that began before the time to keep them, running or not."""
    _end(LoginSession.created_at < at - keep, at=at)
    return _update(sa.delete(LoginSession).where(LoginSession.created_at < at - keep))


def _end_the_oldest(account_id: UUID, *, but: UUID, at: datetime) -> None:
    ids = list(db.session.scalars(_SURPLUS, {"account": account_id, "but": but}))
    if ids:
        _end(LoginSession.id.in_(ids), at=at)


def _replace(token: str, account_id: UUID, by_session_id: UUID, *, at: datetime) -> None:
    """Signing in again while signed in goes on with what began before. Another person, or a session that had
    run out, is an end.
    """
    for old in _close(LoginSession.token_hash == token_hash(token), at=at):
        if old.account_id == account_id and _holds(cast(Running, old), AssuranceLevel.LOW, at=at):
            publish(
                SessionReplaced(
                    subject_id=old.account_id,
                    actor_id=old.account_id,
                    occurred_at=at,
                    session_id=old.id,
                    by_session_id=by_session_id,
                )
            )
        else:
            _tell(old.account_id, (old.id,), at=at)


def _end(*conditions: sa.ColumnElement[bool], at: datetime) -> int:
    """Every end comes through here, and is told in the same transaction. Returns how many there were."""
    of_account: dict[UUID, list[UUID]] = defaultdict(list)
    for session in _close(*conditions, at=at):
        of_account[session.account_id].append(session.id)
    for account_id, ids in of_account.items():
        _tell(account_id, tuple(ids), at=at)
    return sum(map(len, of_account.values()))


def _close(*conditions: sa.ColumnElement[bool], at: datetime) -> Sequence[Any]:
    """Rows already loaded in this session follow at once."""
    statement = (
        sa.update(LoginSession)
        .where(LoginSession.ended_at.is_(None), *conditions)
        .values(ended_at=at)
        .returning(
            LoginSession.id,
            LoginSession.account_id,
            LoginSession.level_since,
            LoginSession.authenticated_at,
            LoginSession.last_seen_at,
        )
    )
    return db.session.execute(statement, execution_options={"synchronize_session": "fetch"}).all()


def _tell(account_id: UUID, session_ids: tuple[UUID, ...], *, at: datetime) -> None:
    publish(SessionsOver(subject_id=account_id, actor_id=None, occurred_at=at, session_ids=session_ids))


def _update(statement: sa.Update | sa.Delete) -> int:
    """Rows already loaded in this session follow at once."""
    result = db.session.execute(statement, execution_options={"synchronize_session": "fetch"})
    return cast("sa.CursorResult[object]", result).rowcount
