"""Services, their published versions, and which authority offers which of them online."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.authorities.models import Authority, Unit
from servicekonto.core.db import Base


class Service(Base):
    """A service (Leistung) of the administration; ``key`` names it in code and data for ever."""

    __tablename__ = "service"

    key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)

    versions: Mapped[list["ServiceVersion"]] = relationship(
        back_populates="service", order_by="ServiceVersion.number"
    )


class ServiceVersion(Base):
    """A published definition. It never changes: requests point at the version that was filled in."""

    __tablename__ = "service_version"

    service_id: Mapped[UUID] = mapped_column(sa.ForeignKey("service.id"))
    number: Mapped[int]
    definition: Mapped[str] = mapped_column(sa.Text)  # canonical JSON
    sha256: Mapped[str] = mapped_column(sa.String(64))
    published_at: Mapped[datetime]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    service: Mapped[Service] = relationship(back_populates="versions")

    __table_args__ = (sa.UniqueConstraint("service_id", "number"),)


class Offer(Base):
    """An authority's unit takes requests for a service online, from a date on."""

    __tablename__ = "offer"

    service_key: Mapped[str] = mapped_column(sa.String(60))
    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"))
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("unit.id"))
    online_from: Mapped[date]
    online_until: Mapped[date | None]

    authority: Mapped[Authority] = relationship()
    unit: Mapped[Unit] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("service_key", "authority_id"),
        sa.Index(None, "authority_id"),
        sa.CheckConstraint("online_until is null or online_until >= online_from", name="ends_after_start"),
    )
