"""Giving, waiting for and freeing places. A place that becomes free goes to whoever waits longest, at once.

The row of the pool is locked first, so one place is given once. Whoever frees a place sees nothing of the
request that gets it: on PostgreSQL that part runs in the scope of the account it belongs to
(docs/decisions/2026-11-27-places-are-handed-on.md).
"""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicekonto import audit
from servicekonto.accounts.models import Account
from servicekonto.audit import Action
from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue.definition import Limited
from servicekonto.catalogue.models import Offer
from servicekonto.catalogue.queries import definition_of
from servicekonto.core.db import db, working_as
from servicekonto.core.errors import ConflictError
from servicekonto.core.scope import Scope
from servicekonto.postbox import commands as postbox
from servicekonto.service_requests import events, history
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.service_requests.place_models import PlaceAllocation, PlacePool, PlaceState
from servicekonto.service_requests.places import allocation_of, count, seeing_the_pool
from servicekonto.web.i18n import in_language


class FullyBookedError(ConflictError):
    """No place is left, and there is no waiting list."""


def reserve(offer: Offer, limited: Limited) -> tuple[PlacePool, PlaceState]:
    """What the next request gets; nobody else can take it until this transaction ends.

    Raises FullyBookedError and has then changed nothing.
    """
    pool = _opened(offer, limited)
    taken = count(pool.id).get(PlaceState.CONFIRMED, 0)
    if taken < pool.capacity:
        return pool, PlaceState.CONFIRMED
    if not limited.waiting_list:
        raise FullyBookedError(offer.service_key)
    return pool, PlaceState.WAITING


def allocate(service_request: ServiceRequest, pool: PlacePool, state: PlaceState, *, at: datetime) -> None:
    """As reserved. ``position`` in the history is the one of this moment: the receipt says it."""
    pool.last_number += 1
    is_confirmed = state is PlaceState.CONFIRMED
    position = None if is_confirmed else count(pool.id).get(PlaceState.WAITING, 0) + 1
    db.session.add(
        PlaceAllocation(
            pool_id=pool.id,
            service_request_id=service_request.id,
            service_request=service_request,
            account_id=service_request.account_id,
            number=pool.last_number,
            state=state,
            allocated_at=at,
            confirmed_at=at if is_confirmed else None,
        )
    )
    kind = EventKind.PLACE_CONFIRMED if is_confirmed else EventKind.PLACE_AWAITED
    payload = {} if position is None else {"position": position}
    history.note(service_request, kind, by=None, at=at, payload=payload)
    db.session.flush()


def give_back(service_request: ServiceRequest, *, by: Account, at: datetime) -> None:
    """The place, or that on the waiting list, is needed no more. Without one nothing happens."""
    allocation = allocation_of(service_request.id)
    if allocation is None or allocation.state is PlaceState.FREED:
        return
    pool = db.session.get_one(PlacePool, allocation.pool_id, with_for_update=True, populate_existing=True)
    db.session.refresh(allocation)  # it may have been handed on before the lock was ours
    allocation.state, allocation.freed_at = PlaceState.FREED, at
    history.note(service_request, EventKind.PLACE_FREED, by=by, at=at)
    db.session.flush()
    _fill(pool, at=at)


def is_waiting(service_request: ServiceRequest) -> bool:
    allocation = allocation_of(service_request.id)
    return allocation is not None and allocation.state is PlaceState.WAITING


def set_capacity(offer: Offer, limited: Limited, capacity: int, *, by: StaffMember, at: datetime) -> None:
    """More places go to those who wait. With fewer nobody loses a place. The same number again is no act."""
    pool = _opened(offer, limited)
    before = pool.capacity
    if capacity == before:
        return
    pool.capacity = capacity
    db.session.flush()
    audit.record(
        Action.PLACES_CHANGED,
        offer.id,
        authority_id=offer.authority_id,
        by=by.account,
        at=at,
        service_key=offer.service_key,
        capacity_before=before,
        capacity_after=capacity,
    )
    _fill(pool, at=at)


def _fill(pool: PlacePool, *, at: datetime) -> None:
    free = pool.capacity - count(pool.id).get(PlaceState.CONFIRMED, 0)
    if free <= 0:
        return
    with seeing_the_pool(pool.id):
        following = db.session.scalars(
            sa.select(PlaceAllocation)
            .where(PlaceAllocation.pool_id == pool.id, PlaceAllocation.state == PlaceState.WAITING)
            .order_by(PlaceAllocation.number)
            .limit(free)
        ).all()
        for allocation in following:
            allocation.state, allocation.confirmed_at = PlaceState.CONFIRMED, at
    for allocation in following:
        with working_as(Scope(account_id=allocation.account_id)):
            _tell(allocation, at=at)


def _tell(allocation: PlaceAllocation, *, at: datetime) -> None:
    """History, message and mail for whoever waited; nobody of the authority has acted."""
    service_request = db.session.get_one(
        ServiceRequest,
        allocation.service_request_id,
        with_for_update={"of": ServiceRequest},
        populate_existing=True,
    )
    authority = service_request.authority
    if authority is None:
        raise ConflictError("not submitted")
    history.note(service_request, EventKind.PLACE_CONFIRMED, by=None, at=at)
    with in_language(service_request.account.language):
        name = str(definition_of(service_request.service_version).names.name)
        subject = str(_("Sie haben einen Platz: %(service)s", service=name))
        body = str(
            _(
                "Guten Tag,\n\nein Platz ist frei geworden. Sie standen als Nächstes auf der Warteliste und "
                "haben ihn jetzt. Ihr Aktenzeichen: %(reference)s\n\nSie müssen nichts tun. Brauchen Sie den "
                "Platz doch nicht, ziehen Sie Ihren Antrag bitte zurück.",
                reference=service_request.reference,
            )
        )
    postbox.provide(
        account_id=service_request.account_id,
        sender=authority,
        service_request_id=service_request.id,
        subject=subject,
        body=body,
        document_kind=None,
        at=at,
    )
    db.session.flush()
    history.announce(events.PlaceHandedOn, service_request, by=None, at=at)


def _opened(offer: Offer, limited: Limited) -> PlacePool:
    """Locked. The first one makes it, behind a lock on the offer."""
    pool = _locked(offer)
    if pool is None:
        db.session.execute(sa.select(Offer.id).where(Offer.id == offer.id).with_for_update())
        pool = _locked(offer)
    if pool is None:
        pool = PlacePool(offer_id=offer.id, capacity=limited.places, last_number=0)
        db.session.add(pool)
        db.session.flush()
    return pool


def _locked(offer: Offer) -> PlacePool | None:
    return db.session.scalar(
        sa.select(PlacePool)
        .where(PlacePool.offer_id == offer.id)
        .with_for_update(of=PlacePool)
        .execution_options(populate_existing=True)
    )
