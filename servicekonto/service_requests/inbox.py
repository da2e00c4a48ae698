"""The inbox of a member of staff: pages, counts beside the filters, what is before and after a request.

The order is the same everywhere: who waits longest comes first.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.core.ids import normalise_reference
from servicekonto.service_requests.models import NameToken, ServiceRequest
from servicekonto.service_requests.names import name_token
from servicekonto.service_requests.places import lock_pools_of
from servicekonto.service_requests.policy import visible_to
from servicekonto.service_requests.queries import Key
from servicekonto.service_requests.status import FINISHED, OPEN_AT_AUTHORITY, Status

PAGE_SIZE = 40
MOST_COUNTED = 1000
"""Open requests that are counted, the oldest; a number beside a filter is a lower bound beyond that."""

_ORDER = (ServiceRequest.received_at, ServiceRequest.id)


@dataclass(frozen=True, kw_only=True)
class InboxFilter:
    """All fields narrow; None means all. ``after`` is the key of the last row of the page before.

    ``received_from`` is part of the time span, ``received_before`` is not.
    """

    status: Status | None = None
    service_key: str | None = None
    assignee_id: UUID | None = None
    unassigned: bool = False
    finished: bool = False
    search: str = ""
    received_from: datetime | None = None
    received_before: datetime | None = None
    after: Key | None = None


@dataclass(frozen=True)
class InboxPage:
    """``after`` leads to the next page; None on the last."""

    requests: list[ServiceRequest]
    after: Key | None


@dataclass(frozen=True)
class Tally:
    """So many open requests are alike in these."""

    status: Status
    service_key: str
    assignee_id: UUID | None
    number: int


@dataclass(frozen=True)
class Counts:
    """The open requests of the own units. ``is_complete``: False when there are more than were counted."""

    tallies: list[Tally]
    is_complete: bool

    def of(self, chosen: InboxFilter) -> int:
        return sum(tally.number for tally in self.tallies if _fits(tally, chosen))


@dataclass(frozen=True)
class Neighbours:
    before: UUID | None = None
    after: UUID | None = None


def page(staff_member: StaffMember, chosen: InboxFilter) -> InboxPage:
    found = list(db.session.scalars(_rows(staff_member, chosen).limit(PAGE_SIZE + 1)))
    shown = found[:PAGE_SIZE]
    last = shown[-1] if len(found) > PAGE_SIZE else None
    return InboxPage(shown, (last.received_at, last.id) if last and last.received_at else None)


def first(staff_member: StaffMember, chosen: InboxFilter, *, limit: int) -> list[ServiceRequest]:
    """At most ``limit``, in the order of the inbox."""
    return list(db.session.scalars(_rows(staff_member, chosen).limit(limit)))


def some(
    staff_member: StaffMember, request_ids: Collection[UUID], *, for_update: bool = False
) -> list[ServiceRequest]:
    """Those of these that this person may see; whatever else was asked for is left out.

    ``for_update``: locked in the order of their ids, so that two who do this never wait for each other.
    """
    query = sa.select(ServiceRequest).where(visible_to(staff_member), ServiceRequest.id.in_(request_ids))
    if for_update:
        lock_pools_of(request_ids)
        query = query.order_by(ServiceRequest.id).with_for_update(of=ServiceRequest)
        return list(db.session.scalars(query.execution_options(populate_existing=True)))
    return list(db.session.scalars(query.options(joinedload(ServiceRequest.assignee)).order_by(*_ORDER)))


def counts(staff_member: StaffMember) -> Counts:
    """One statement, however many requests there are."""
    columns = (ServiceRequest.status, ServiceRequest.service_key, ServiceRequest.assignee_id)
    counted = (
        sa.select(*columns)
        .where(visible_to(staff_member), _is_open())
        .order_by(*_ORDER)
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    rows = db.session.execute(sa.select(*counted.c, sa.func.count()).group_by(*counted.c))
    tallies = [Tally(row[0], row[1], row[2], row[3]) for row in rows]
    return Counts(tallies, sum(tally.number for tally in tallies) <= MOST_COUNTED)


def neighbours(staff_member: StaffMember, service_request: ServiceRequest, chosen: InboxFilter) -> Neighbours:
    """The requests around this one in the list so filtered, whether or not this one is still in it."""
    if service_request.received_at is None:
        return Neighbours()
    here = _literals((service_request.received_at, service_request.id))
    ids = sa.select(ServiceRequest.id).where(
        visible_to(staff_member), *_conditions(staff_member, replace(chosen, after=None))
    )
    before = ids.where(sa.tuple_(*_ORDER) < here).order_by(*(column.desc() for column in _ORDER)).limit(1)
    after = ids.where(sa.tuple_(*_ORDER) > here).order_by(*_ORDER).limit(1)
    row = db.session.execute(sa.select(before.scalar_subquery(), after.scalar_subquery())).one()
    return Neighbours(*row)


def _rows(staff_member: StaffMember, chosen: InboxFilter) -> sa.Select[ServiceRequest]:
    return (
        sa.select(ServiceRequest)
        .options(joinedload(ServiceRequest.assignee))
        .where(visible_to(staff_member), *_conditions(staff_member, chosen))
        .order_by(*_ORDER)
    )


def _fits(tally: Tally, chosen: InboxFilter) -> bool:
    return (
        chosen.status in {None, tally.status}
        and chosen.service_key in {None, tally.service_key}
        and chosen.assignee_id in {None, tally.assignee_id}
        and not (chosen.unassigned and tally.assignee_id)
    )


def _conditions(staff_member: StaffMember, chosen: InboxFilter) -> list[sa.ColumnElement[bool]]:
    conditions = [_which_statuses(chosen)] if not chosen.search else [_search(staff_member, chosen.search)]
    if chosen.service_key is not None:
        conditions.append(ServiceRequest.service_key == chosen.service_key)
    if chosen.assignee_id is not None:
        conditions.append(ServiceRequest.assignee_id == chosen.assignee_id)
    if chosen.unassigned:
        conditions.append(ServiceRequest.assignee_id.is_(None))
    return conditions + _when(chosen)


def _when(chosen: InboxFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if chosen.received_from is not None:
        conditions.append(ServiceRequest.received_at >= chosen.received_from)
    if chosen.received_before is not None:
        conditions.append(ServiceRequest.received_at < chosen.received_before)
    if chosen.after is not None:
        conditions.append(sa.tuple_(*_ORDER) > _literals(chosen.after))
    return conditions


def _which_statuses(chosen: InboxFilter) -> sa.ColumnElement[bool]:
    if chosen.finished:
        return ServiceRequest.status.in_(sorted(FINISHED))
    if chosen.status is not None:
        return ServiceRequest.status == chosen.status
    return _is_open()


def _is_open() -> sa.ColumnElement[bool]:
    """Written out, so that PostgreSQL can use the partial index of the open ones."""
    return ServiceRequest.status.in_(sorted(OPEN_AT_AUTHORITY))


def _literals(key: Key) -> sa.Tuple:
    moment, request_id = key
    return sa.tuple_(
        sa.literal(moment, ServiceRequest.received_at.type), sa.literal(request_id, ServiceRequest.id.type)
    )


def _search(staff_member: StaffMember, text: str) -> sa.ColumnElement[bool]:
    """By reference, or by the exact name of a person in the request."""
    reference = normalise_reference(text)
    if reference is not None:
        return ServiceRequest.reference == reference
    return ServiceRequest.id.in_(
        sa.select(NameToken.service_request_id).where(
            NameToken.authority_id == staff_member.authority_id, NameToken.token == name_token(text)
        )
    )
