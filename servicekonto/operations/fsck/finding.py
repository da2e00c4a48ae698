"""What a check is and what it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from servicekonto.core.db import db


@dataclass(frozen=True, order=True)
class Finding:
    """``rule`` that is broken, and by which row."""

    rule: str
    table: str
    row: str


@dataclass(frozen=True)
class Check:
    """``find`` reads in the current snapshot."""

    name: str
    find: Callable[[], Iterable[Finding]]


def rows(rule: str, table: str, query: sa.Select[UUID]) -> Check:
    """Every id that the query gives breaks the rule."""

    def find() -> Iterable[Finding]:
        return [Finding(rule, table, str(row)) for row in db.session.scalars(query)]

    return Check(rule, find)
