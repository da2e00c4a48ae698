"""Authorities with their units and staff; municipalities, postcodes and who is competent for them."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.accounts.models import Account
from servicekonto.authorities.directory import address_lines
from servicekonto.authorities.kinds import (
    AuthorityKind,
    Certainty,
    MunicipalityKind,
    PostcodeKind,
    Role,
    Task,
)
from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_text

VALIDITY = "valid_to is null or valid_from is null or valid_from < valid_to"


class Authority(Base):
    """A municipality, district, independent city (one authority for both levels) or authority of the Land.

    ``valid_from`` is the first day, ``valid_to`` the first day no more; None means without limit.
    """

    __tablename__ = "authority"

    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str]
    kind: Mapped[AuthorityKind]
    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("authority.id"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    street: Mapped[str | None]
    postcode: Mapped[str | None] = mapped_column(sa.String(5))
    city: Mapped[str | None]
    email: Mapped[str | None]
    telephone: Mapped[str | None]
    website: Mapped[str | None]
    opening_hours: Mapped[str | None]

    units: Mapped[list["Unit"]] = relationship(back_populates="authority", order_by="Unit.name")

    __table_args__ = (sa.CheckConstraint(VALIDITY, name="validity"),)

    @property
    def address_lines(self) -> tuple[str, ...]:
        return address_lines(self.street, self.postcode, self.city)


class Unit(Base):
    """A part of an authority with a purpose of its own: the registry's clerk does not see housing benefit."""

    __tablename__ = "unit"

    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"))
    key: Mapped[str] = mapped_column(sa.String(60))
    name: Mapped[str]

    authority: Mapped[Authority] = relationship(back_populates="units")

    __table_args__ = (sa.UniqueConstraint("authority_id", "key"),)


class Municipality(Base):
    """A municipality as it was between two days; a change of its key makes a second row."""

    __tablename__ = "municipality"

    ags: Mapped[str] = mapped_column(sa.String(8), unique=True)
    ars: Mapped[str | None] = mapped_column(sa.String(12))
    name: Mapped[str]
    official_name: Mapped[str]
    search_key: Mapped[str] = mapped_column(index=True)
    sort_key: Mapped[str] = mapped_column(index=True)
    kind: Mapped[MunicipalityKind]
    district_key: Mapped[str] = mapped_column(sa.String(5))
    population: Mapped[int | None]
    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"), index=True)
    district_authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_ags: Mapped[str | None] = mapped_column(sa.String(8))

    authority: Mapped[Authority] = relationship(foreign_keys=[authority_id])
    district_authority: Mapped[Authority] = relationship(foreign_keys=[district_authority_id])

    __table_args__ = (
        sa.CheckConstraint(VALIDITY, name="validity"),
        sa.CheckConstraint("successor_ags is null or valid_to is not null", name="successor_after_end"),
    )


class Postcode(Base):
    """A postcode and one of its municipalities. From OpenStreetMap: ODbL 1.0, see ``data/NOTICE.md``."""

    __tablename__ = "postcode"

    postcode: Mapped[str] = mapped_column(sa.String(5))
    municipality_id: Mapped[UUID] = mapped_column(sa.ForeignKey("municipality.id"), index=True)
    is_primary: Mapped[bool]
    kind: Mapped[PostcodeKind]
    confidence: Mapped[str] = mapped_column(sa.String(20))

    municipality: Mapped[Municipality] = relationship()

    __table_args__ = (sa.UniqueConstraint("postcode", "municipality_id"),)


class FormerPlaceName(Base):
    """A name people were born in that is now part of a municipality. ``since``: a day, a year or unknown."""

    __tablename__ = "former_place"

    name: Mapped[str]
    municipality_id: Mapped[UUID] = mapped_column(sa.ForeignKey("municipality.id"), index=True)
    since: Mapped[str | None] = mapped_column(sa.String(10))

    municipality: Mapped[Municipality] = relationship()

    __table_args__ = (sa.UniqueConstraint("name", "municipality_id"),)


class Competence(Base):
    """Which authority does a task in a municipality, where the level alone does not tell."""

    __tablename__ = "competence"

    municipality_id: Mapped[UUID] = mapped_column(sa.ForeignKey("municipality.id"))
    task: Mapped[Task]
    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"), index=True)
    certainty: Mapped[Certainty]

    __table_args__ = (sa.UniqueConstraint("municipality_id", "task"),)


class ReferenceImport(Base):
    """One row per import that changed something. Its id tells every process that its copy is out of date."""

    __tablename__ = "reference_import"

    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    imported_at: Mapped[datetime]


staff_unit = sa.Table(
    "staff_unit",
    Base.metadata,
    sa.Column("staff_member_id", sa.ForeignKey("staff_member.id"), primary_key=True),
    sa.Column("unit_id", sa.ForeignKey("unit.id"), primary_key=True, index=True),
)


class StaffMember(Base):
    """An account of kind staff at work in one authority, in some units. Never deleted: decisions name it."""

    __tablename__ = "staff_member"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), unique=True)
    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"), index=True)
    display_name_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime]
    deactivated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)
    authority: Mapped[Authority] = relationship()
    units: Mapped[list[Unit]] = relationship(secondary=staff_unit, order_by=Unit.name)
    granted_roles: Mapped[list["StaffRole"]] = relationship(cascade="all, delete-orphan")

    display_name = sealed_text("display_name_sealed")

    __mapper_args__ = {"version_id_col": version}

    def key_owner(self) -> HasDataKey:
        return self.account

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(granted.role for granted in self.granted_roles)

    @property
    def unit_ids(self) -> frozenset[UUID]:
        return frozenset(unit.id for unit in self.units)


class StaffRole(Base):
    __tablename__ = "staff_role"

    staff_member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff_member.id"))
    role: Mapped[Role]

    __table_args__ = (sa.UniqueConstraint("staff_member_id", "role"),)


class StaffInvitation(HasDataKey, Base):
    """Somebody may join the staff of an authority. The row goes when the invitation is accepted or withdrawn.

    Who accepts becomes a ``StaffMember`` with the id of the invitation. Whether the address has an account is
    not asked before that: whom an authority invites tells it nothing about citizens.
    """

    __tablename__ = "staff_invitation"

    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"))
    email_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    email_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    display_name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    roles: Mapped[list[str]]
    unit_ids: Mapped[list[str]]
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    authority: Mapped[Authority] = relationship()

    email = sealed_text("email_sealed")
    display_name = sealed_text("display_name_sealed")

    __table_args__ = (sa.UniqueConstraint("authority_id", "email_index"),)
