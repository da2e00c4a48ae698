"""Services of which there is only so much: the pool of an offer, and who has a place or waits for one."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.catalogue.models import Offer
from servicekonto.core.db import Base
from servicekonto.service_requests.models import ServiceRequest


class PlaceState(StrEnum):
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    FREED = "freed"


class PlacePool(Base):
    """How many places there are at one offer. Whoever gives or frees a place locks this row first.

    The authority says the number; it may be lower than the places given already, and then nobody loses one.
    ``last_number``: of the allocation made last.
    """

    __tablename__ = "place_pool"

    offer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id", ondelete="CASCADE"), unique=True)
    capacity: Mapped[int]
    last_number: Mapped[int] = mapped_column(default=0)

    offer: Mapped[Offer] = relationship()

    __table_args__ = (sa.CheckConstraint("capacity >= 0", name="capacity_is_a_number"),)


class PlaceAllocation(Base):
    """What a request has got. ``number`` counts within the pool: the lowest one that waits is the next.

    Ids and numbers only. ``account_id`` says in whose scope a place is handed on.
    """

    __tablename__ = "place_allocation"

    pool_id: Mapped[UUID] = mapped_column(sa.ForeignKey("place_pool.id", ondelete="CASCADE"))
    service_request_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("service_request.id", ondelete="CASCADE"), unique=True
    )
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    number: Mapped[int]
    state: Mapped[PlaceState]
    allocated_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    freed_at: Mapped[datetime | None]

    service_request: Mapped[ServiceRequest] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("pool_id", "number"),
        sa.Index(None, "pool_id", "state", "number"),
        sa.CheckConstraint("state <> 'confirmed' or confirmed_at is not null", name="confirmed_at_some_time"),
        sa.CheckConstraint("(state = 'freed') = (freed_at is not null)", name="freed_at_some_time"),
    )
