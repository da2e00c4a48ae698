"""The figures of an authority as tables and as bars, ready for the page."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from servicekonto.authorities.models import StaffMember
from servicekonto.authorities.policy import permissions_of_staff
from servicekonto.authorities.queries import units_of
from servicekonto.service_requests import figures
from servicekonto.service_requests.figures import Ending, Received, Span, Took, percentile
from servicekonto.web.access import Permission

SPANS = (3, 12, 24)
"""Months to look back, this one included."""
PARTS = (0.5, 0.8, 0.95)

Row = TypeVar("Row", bound=Received | Took)


@dataclass(frozen=True)
class Line:
    """``days``: within how many whole days PARTS of the decided ones were; None when there are none."""

    name: str
    received: int
    is_open: int
    decided: int
    other: int
    days: tuple[int | None, ...]


@dataclass(frozen=True)
class Bar:
    """``height`` and ``open_height``: of 100, the largest bar being 100."""

    month: date
    received: int
    is_open: int
    height: float
    open_height: float


@dataclass(frozen=True)
class Statistics:
    total: Line
    bars: Sequence[Bar]
    by_service: Sequence[Line]
    by_unit: Sequence[Line]

    @property
    def highest(self) -> int:
        return max((bar.received for bar in self.bars), default=0)


def visible_units(staff_member: StaffMember) -> dict[UUID, str]:
    """One's own; who administers the authority sees all of it. The figures name nobody."""
    if Permission.ADMINISTER_AUTHORITY in permissions_of_staff(staff_member):
        return {unit.id: unit.name for unit in units_of(staff_member.authority_id)}
    return {unit.id: unit.name for unit in staff_member.units}


def of_authority(
    authority_id: UUID, units: Mapping[UUID, str], services: Mapping[str, str], span: Span
) -> Statistics:
    """``units`` and ``services``: id or key → name. Two statements."""
    received = figures.received(authority_id, units.keys(), span)
    took = figures.took(authority_id, units.keys(), span)
    return Statistics(
        total=_line("", received, took),
        bars=_bars(received, span),
        by_service=_lines(services, received, took, lambda row: row.service_key),
        by_unit=_lines(
            {str(unit_id): name for unit_id, name in units.items()},
            received,
            took,
            lambda row: str(row.unit_id),
        ),
    )


def _lines(
    names: Mapping[str, str],
    received: Iterable[Received],
    took: Iterable[Took],
    key_of: Callable[[Received | Took], str],
) -> list[Line]:
    """One for each that occurs, the most frequent first."""
    received_by, took_by = _grouped(received, key_of), _grouped(took, key_of)
    lines = [_line(names.get(key, key), rows, took_by.get(key, [])) for key, rows in received_by.items()]
    return sorted(lines, key=lambda line: (-line.received, line.name.casefold()))


def _grouped(rows: Iterable[Row], key_of: Callable[[Row], str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[key_of(row)].append(row)
    return found


def _line(name: str, received: Iterable[Received], took: Iterable[Took]) -> Line:
    numbers: Counter[Ending] = Counter()
    for row in received:
        numbers[row.ending] += row.number
    histogram = [(row.days, row.number) for row in took]
    return Line(
        name=name,
        received=numbers.total(),
        is_open=numbers[Ending.OPEN],
        decided=numbers[Ending.DECIDED],
        other=numbers[Ending.OTHER],
        days=tuple(percentile(histogram, part) for part in PARTS),
    )


def _bars(received: Iterable[Received], span: Span) -> list[Bar]:
    all_of, open_of = Counter[int](), Counter[int]()
    for row in received:
        all_of[row.month] += row.number
        open_of[row.month] += row.number if row.ending is Ending.OPEN else 0
    highest = max(all_of.values(), default=0) or 1
    return [
        Bar(
            month=month,
            received=all_of[number],
            is_open=open_of[number],
            height=round(100 * all_of[number] / highest, 2),
            open_height=round(100 * open_of[number] / highest, 2),
        )
        for number, month in enumerate(span.months)
    ]
