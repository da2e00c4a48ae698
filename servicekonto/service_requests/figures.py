"""What an authority received and how long it took, counted by the database in two statements.

A request belongs to the month in which the authority that has it now received it.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from servicekonto.core.clock import BERLIN
from servicekonto.core.db import db
from servicekonto.service_requests.conversation_models import InformationRequest
from servicekonto.service_requests.models import Decision, ServiceRequest
from servicekonto.service_requests.status import AT_AUTHORITY, OPEN_AT_AUTHORITY, Status

SECONDS_OF_A_DAY = 24 * 3600


class seconds_between(GenericFunction[float]):  # noqa: N801 - a function of SQL
    """From the first moment to the second; both databases, as a number with fractions."""

    type = sa.Float()
    inherit_cache = True


@compiles(seconds_between, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    begin, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"extract(epoch from ({end} - {begin}))::float"


@compiles(seconds_between, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    begin, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"((julianday({end}) - julianday({begin})) * {SECONDS_OF_A_DAY})"


class Ending(StrEnum):
    OPEN = "open"
    DECIDED = "decided"
    OTHER = "other"  # withdrawn, or closed without a decision


@dataclass(frozen=True)
class Received:
    """So many requests of one month are alike. ``month``: its number in the span of months, from 0."""

    month: int
    service_key: str
    unit_id: UUID | None
    ending: Ending
    number: int


@dataclass(frozen=True)
class Took:
    """So many were decided after this many whole days, without the time a question waited for an answer."""

    service_key: str
    unit_id: UUID | None
    days: int
    number: int


@dataclass(frozen=True)
class Span:
    """Whole months, the first days of them; the last one is going on."""

    months: Sequence[date]

    @classmethod
    def until(cls, today: date, number: int) -> "Span":
        last = today.year * 12 + today.month - 1
        months = [date(index // 12, index % 12 + 1, 1) for index in range(last - number + 1, last + 1)]
        return cls(months)

    @property
    def begins(self) -> list[datetime]:
        """The moments at which the months begin in Hessen."""
        return [datetime.combine(month, time(), BERLIN) for month in self.months]


_ENDINGS: dict[Status, Ending] = {
    **dict.fromkeys(OPEN_AT_AUTHORITY, Ending.OPEN),
    **dict.fromkeys((Status.WITHDRAWN, Status.CLOSED), Ending.OTHER),
    # Decided is decided, whether or not the document has reached the postbox.
    **dict.fromkeys((Status.DECIDED, Status.NOTIFIED), Ending.DECIDED),
}


def received(authority_id: UUID, unit_ids: Collection[UUID], span: Span) -> list[Received]:
    columns = (_month(span), ServiceRequest.service_key, ServiceRequest.unit_id, ServiceRequest.status)
    rows = db.session.execute(
        sa.select(*columns, sa.func.count()).where(*_within(authority_id, unit_ids, span)).group_by(*columns)
    )
    numbers: Counter[tuple[int, str, UUID | None, Ending]] = Counter()
    for month, service_key, unit_id, status, number in rows:
        numbers[month, service_key, unit_id, _ENDINGS[status]] += number
    return [Received(*key, number) for key, number in numbers.items()]


def took(authority_id: UUID, unit_ids: Collection[UUID], span: Span) -> list[Took]:
    """Of those that were received in the span and are decided already."""
    net = seconds_between(ServiceRequest.received_at, Decision.approved_at) - _waited()
    days = sa.cast(sa.func.floor(net / SECONDS_OF_A_DAY), sa.Integer).label("days")
    each = (
        sa.select(ServiceRequest.service_key, ServiceRequest.unit_id, days)
        .join(Decision, Decision.service_request_id == ServiceRequest.id)
        .where(*_within(authority_id, unit_ids, span), Decision.approved_at.is_not(None))
        .subquery()
    )
    rows = db.session.execute(sa.select(*each.c, sa.func.count()).group_by(*each.c))
    return [Took(row[0], row[1], max(row[2], 0), row[3]) for row in rows]


def percentile(histogram: Iterable[tuple[int, int]], part: float) -> int | None:
    """Nearest rank: the least value that at least this part of all does not exceed. Of (value, number)."""
    ordered = sorted(histogram)
    rank = math.ceil(part * sum(number for _value, number in ordered))
    seen = 0
    for value, number in ordered:
        seen += number
        if seen >= max(rank, 1):
            return value
    return None


def _within(authority_id: UUID, unit_ids: Collection[UUID], span: Span) -> list[sa.ColumnElement[bool]]:
    return [
        ServiceRequest.authority_id == authority_id,
        ServiceRequest.unit_id.in_(unit_ids),
        ServiceRequest.received_at >= span.begins[0],
        ServiceRequest.status.in_(sorted(AT_AUTHORITY)),
    ]


def _month(span: Span) -> sa.ColumnElement[int]:
    """Which one, from 0. Written as a comparison: SQLite knows no time zones."""
    later = [(ServiceRequest.received_at >= begin, number) for number, begin in enumerate(span.begins)]
    return sa.case(*reversed(later), else_=0).label("month")


def _waited() -> sa.ScalarSelect[float]:
    """Seconds in which the authority waited for answers, before the decision."""
    asked = InformationRequest
    ended = sa.func.coalesce(asked.ended_at, Decision.approved_at)
    return (
        sa.select(sa.func.coalesce(sa.func.sum(seconds_between(asked.asked_at, ended)), 0.0))
        .where(
            asked.service_request_id == ServiceRequest.id, asked.authority_id == ServiceRequest.authority_id
        )
        .correlate(ServiceRequest, Decision)
        .scalar_subquery()
    )
