"""The rows behind ``throttle``: all counters of one attempt are written by one statement.

It makes the rows that are missing and locks all of them, in the order they are given in, until the end of the
transaction. As text, because an insert of several rows is compiled anew at each execution otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.models import LoginThrottle
from servicekonto.core.db import db, execute, table_of
from servicekonto.core.ids import new_id

_COUNT = """
insert into login_throttle (id, scope, subject, window_started_at, attempts) values {rows}
on conflict (scope, subject) do update set
  attempts = case when login_throttle.blocked_until > :at then login_throttle.attempts
    when login_throttle.window_started_at <= {oldest} then 1 else login_throttle.attempts + 1 end,
  window_started_at = case when login_throttle.window_started_at <= {oldest} then :at
    else login_throttle.window_started_at end
returning id, scope, attempts, window_started_at, blocked_until
"""
_GIVE_BACK = """
insert into login_throttle (id, scope, subject, window_started_at, attempts) values {rows}
on conflict (scope, subject) do update set
  attempts = case when login_throttle.scope = :anew or login_throttle.attempts < 1 then 0
    else login_throttle.attempts - 1 end,
  blocked_until = null
"""
_COLUMNS = table_of(LoginThrottle).c
_TYPES: dict[str, sa.types.TypeEngine[object]] = {
    "id": _COLUMNS.id.type,
    "scope": _COLUMNS.scope.type,
    "subject": _COLUMNS.subject.type,
    "oldest": _COLUMNS.window_started_at.type,
}


@dataclass(frozen=True)
class Rows:
    """Of one attempt. ``scopes``: the names of the rules; ``values``: for the statements, of all together."""

    scopes: tuple[str, ...]
    values: Mapping[str, object]


@dataclass(frozen=True)
class Count:
    """As it is now, the attempt included unless it is blocked."""

    id: UUID
    scope: str
    attempts: int
    window_started_at: datetime
    blocked_until: datetime | None


def rows_of(subjects: Sequence[tuple[str, bytes]]) -> Rows:
    """``subjects``: name of the rule and fingerprint of whom it counts for."""
    values: dict[str, object] = {}
    for number, (scope, subject) in enumerate(subjects):
        values |= {f"id_{number}": new_id(), f"scope_{number}": scope, f"subject_{number}": subject}
    return Rows(tuple(scope for scope, _ in subjects), values)


def count(rows: Rows, windows: Mapping[str, timedelta], *, at: datetime) -> list[Count]:
    """One more for each, from one again when its window is over. What is blocked stays as it is."""
    oldest = {f"oldest_{number}": at - windows[scope] for number, scope in enumerate(rows.scopes)}
    values = {**rows.values, **oldest, "attempts": 1, "at": at}
    return [Count(*row) for row in execute(_counting(len(rows.scopes)), values)]


def give_back(rows: Rows, *, anew: str, at: datetime) -> None:
    """One less for each; the rule called ``anew`` starts again."""
    values = {**rows.values, "attempts": 0, "at": at, "anew": anew}
    execute(_with_types(_GIVE_BACK, len(rows.scopes)), values)


def block(counted: Count, *, until: datetime) -> None:
    db.session.execute(
        sa.update(LoginThrottle).where(LoginThrottle.id == counted.id).values(blocked_until=until),
        execution_options={"synchronize_session": False},
    )


@lru_cache
def _counting(number_of_rows: int) -> sa.TextualSelect:
    return _with_types(_COUNT, number_of_rows).columns(*(_COLUMNS[name] for name in Count.__annotations__))


@lru_cache
def _with_types(template: str, number_of_rows: int) -> sa.TextClause:
    numbers = range(number_of_rows)
    cases = " ".join(f"when :scope_{number} then :oldest_{number}" for number in numbers)
    text = template.format(
        rows=", ".join(f"(:id_{n}, :scope_{n}, :subject_{n}, :at, :attempts)" for n in numbers),
        oldest=f"case login_throttle.scope {cases} end",
    )
    named = {f"{name}_{number}": kind for name, kind in _TYPES.items() for number in numbers}
    used = [sa.bindparam(name, type_=kind) for name, kind in named.items() if f":{name}" in text]
    return sa.text(text).bindparams(sa.bindparam("at", type_=_TYPES["oldest"]), *used)
