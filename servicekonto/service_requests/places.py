"""Reading places: how many there are, how many are left, and where somebody stands on the waiting list."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue.definition import Definition, Limited
from servicekonto.catalogue.models import Offer
from servicekonto.core.db import db, working_as
from servicekonto.core.scope import current_scope
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.place_models import PlaceAllocation, PlacePool, PlaceState
from servicekonto.service_requests.policy import visible_to

PAGE_SIZE = 50


@dataclass(frozen=True, kw_only=True)
class Availability:
    """Of the places at one offer. ``taken`` may be more than ``capacity`` after it was lowered."""

    capacity: int
    taken: int
    waiting: int
    has_waiting_list: bool

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.taken)

    @property
    def is_open(self) -> bool:
        """Whether somebody can still submit."""
        return self.free > 0 or self.has_waiting_list


@dataclass(frozen=True)
class Place:
    """What one request has got. ``position``: on the waiting list, counted from 1."""

    state: PlaceState
    position: int | None = None


@contextmanager
def seeing_the_pool(pool_id: UUID) -> Iterator[None]:
    """Row-level security shows the allocations of this pool, and still nothing of foreign requests."""
    with working_as(replace(current_scope(), pool_id=pool_id)):
        yield


def availability(offer: Offer, limited: Limited) -> Availability:
    """Before the first request and the first change there is no pool; then the definition says the number."""
    pool = db.session.scalar(sa.select(PlacePool).where(PlacePool.offer_id == offer.id))
    capacity = limited.places if pool is None else pool.capacity
    counts = count(pool.id) if pool is not None else {}
    return Availability(
        capacity=capacity,
        taken=counts.get(PlaceState.CONFIRMED, 0),
        waiting=counts.get(PlaceState.WAITING, 0),
        has_waiting_list=limited.waiting_list,
    )


def count(pool_id: UUID) -> dict[PlaceState, int]:
    query = (
        sa.select(PlaceAllocation.state, sa.func.count())
        .where(PlaceAllocation.pool_id == pool_id, PlaceAllocation.state != PlaceState.FREED)
        .group_by(PlaceAllocation.state)
    )
    with seeing_the_pool(pool_id):
        return {row[0]: row[1] for row in db.session.execute(query)}


def allocation_of(request_id: UUID) -> PlaceAllocation | None:
    return db.session.scalar(
        sa.select(PlaceAllocation).where(PlaceAllocation.service_request_id == request_id)
    )


def place_of(service_request: ServiceRequest, definition: Definition) -> Place | None:
    """None for a service without limit, and for what was submitted before there was one."""
    found = allocation_of(service_request.id) if definition.limited else None
    if found is None:
        return None
    return Place(found.state, _position(found) if found.state is PlaceState.WAITING else None)


def _position(allocation: PlaceAllocation) -> int:
    ahead = sa.select(sa.func.count()).where(
        PlaceAllocation.pool_id == allocation.pool_id,
        PlaceAllocation.state == PlaceState.WAITING,
        PlaceAllocation.number <= allocation.number,
    )
    with seeing_the_pool(allocation.pool_id):
        return db.session.scalar(ahead) or 0


def page_for_staff(
    offer: Offer, state: PlaceState, staff_member: StaffMember, *, after: int = 0
) -> Sequence[PlaceAllocation]:
    """In their order, one more than a page holds; only requests this person may see."""
    return db.session.scalars(
        sa.select(PlaceAllocation)
        .join(PlaceAllocation.service_request)
        .join(PlacePool, PlacePool.id == PlaceAllocation.pool_id)
        .options(joinedload(PlaceAllocation.service_request))
        .where(
            PlacePool.offer_id == offer.id,
            PlaceAllocation.state == state,
            PlaceAllocation.number > after,
            visible_to(staff_member),
        )
        .order_by(PlaceAllocation.number)
        .limit(PAGE_SIZE + 1)
    ).all()


def lock_pools_of(request_ids: Collection[UUID]) -> None:
    """Before the requests themselves are locked: who hands a place on holds the pool and then takes the
    request, so taking them the other way round would let two people wait for each other.
    """
    pools = sa.select(PlaceAllocation.pool_id).where(PlaceAllocation.service_request_id.in_(request_ids))
    query = sa.select(PlacePool.id).where(PlacePool.id.in_(pools)).order_by(PlacePool.id)
    db.session.execute(query.with_for_update())
