"""Everything that reads authorities, places and staff. Staff only of the authority that is asked about."""

import threading
from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from servicekonto.accounts.models import Account
from servicekonto.authorities.directory import (
    AuthorityEntry,
    CompetenceEntry,
    Directory,
    FormerPlace,
    Place,
    PostcodeEntry,
    Records,
    UnitEntry,
)
from servicekonto.authorities.models import (
    Authority,
    Competence,
    FormerPlaceName,
    Municipality,
    Postcode,
    ReferenceImport,
    StaffMember,
    Unit,
)
from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError

_lock = threading.Lock()
_loaded: tuple[UUID | None, Directory] | None = None


def directory() -> Directory:
    """The reference data in memory. One query asks whether it is the newest; only then it is read again."""
    global _loaded  # noqa: PLW0603 - one copy per process
    newest = db.session.scalar(sa.select(ReferenceImport.id).order_by(ReferenceImport.id.desc()).limit(1))
    loaded = _loaded
    if loaded is not None and loaded[0] == newest:
        return loaded[1]
    with _lock:
        loaded = newest, Directory(_records())
        _loaded = loaded
    return loaded[1]


def get_authority(key: str) -> Authority:
    found = db.session.scalar(sa.select(Authority).where(Authority.key == key))
    if found is None:
        raise NotFoundError(key)
    return found


def get_unit(authority: Authority, key: str) -> Unit:
    found = db.session.scalar(sa.select(Unit).where(Unit.authority_id == authority.id, Unit.key == key))
    if found is None:
        raise NotFoundError(key)
    return found


def staff_member_of(account: Account) -> StaffMember | None:
    """The active staff member with authority, units and roles in one query. None for everybody else."""
    found = db.session.scalars(
        sa.select(StaffMember)
        .where(StaffMember.account_id == account.id, StaffMember.deactivated_at.is_(None))
        .options(
            joinedload(StaffMember.authority),
            joinedload(StaffMember.units),
            joinedload(StaffMember.granted_roles),
        )
    )
    return found.unique().one_or_none()


def colleagues_of(member: StaffMember) -> list[StaffMember]:
    """Everybody active in the same authority, by name, with their units."""
    members = db.session.scalars(
        sa.select(StaffMember)
        .options(selectinload(StaffMember.units))
        .where(StaffMember.authority_id == member.authority_id, StaffMember.deactivated_at.is_(None))
    )
    return sorted(members, key=lambda colleague: colleague.display_name or "")


def colleague(member: StaffMember, staff_member_id: UUID) -> StaffMember:
    """Active and of the same authority; anybody else is not found."""
    found = db.session.scalar(
        _with_all_parts().where(
            StaffMember.id == staff_member_id,
            StaffMember.authority_id == member.authority_id,
            StaffMember.deactivated_at.is_(None),
        )
    )
    if found is None:
        raise NotFoundError(staff_member_id)
    return found


def staff_of(authority_id: UUID) -> list[StaffMember]:
    """Everybody who is or was there, by name; who is active comes first."""
    members = db.session.scalars(_with_all_parts().where(StaffMember.authority_id == authority_id))
    return sorted(members, key=lambda member: (not member.is_active, (member.display_name or "").casefold()))


def any_colleague(authority_id: UUID, staff_member_id: UUID) -> StaffMember:
    """Of this authority, active or not; anybody else is not found."""
    found = db.session.scalar(
        _with_all_parts().where(StaffMember.id == staff_member_id, StaffMember.authority_id == authority_id)
    )
    if found is None:
        raise NotFoundError(staff_member_id)
    return found


def staff_member_by_account(account: Account) -> StaffMember:
    """Active or not. For the command line."""
    found = db.session.scalar(_with_all_parts().where(StaffMember.account_id == account.id))
    if found is None:
        raise NotFoundError(account.id)
    return found


def units_of(authority_id: UUID) -> list[Unit]:
    return list(
        db.session.scalars(sa.select(Unit).where(Unit.authority_id == authority_id).order_by(Unit.name))
    )


def names_of_accounts(account_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of those who are, or were, staff: account id to name."""
    members = db.session.scalars(sa.select(StaffMember).where(StaffMember.account_id.in_(account_ids)))
    return {member.account_id: member.display_name or "" for member in members}


def names_of_authorities(authority_ids: Collection[UUID]) -> dict[UUID, str]:
    if not authority_ids:
        return {}
    rows = db.session.execute(sa.select(Authority.id, Authority.name).where(Authority.id.in_(authority_ids)))
    return {row.id: row.name for row in rows}


def _with_all_parts() -> sa.Select[StaffMember]:
    return sa.select(StaffMember).options(
        joinedload(StaffMember.authority),
        selectinload(StaffMember.units),
        selectinload(StaffMember.granted_roles),
    )


def _records() -> Records:
    """Six plain selects."""
    authorities = _rows(*Authority.__table__.columns)
    places = _rows(*Municipality.__table__.columns)
    keys: dict[UUID, str] = {row.id: row.key for row in authorities}
    ags: dict[UUID, str] = {row.id: row.ags for row in places}
    return Records(
        authorities=tuple(_authority(row, keys) for row in authorities),
        units=tuple(
            UnitEntry(id=row.id, authority_key=keys[row.authority_id], key=row.key, name=row.name)
            for row in _rows(*Unit.__table__.columns)
        ),
        places=tuple(_place(row, keys) for row in places),
        postcodes=tuple(_postcode(row, ags) for row in _rows(*Postcode.__table__.columns)),
        former_places=tuple(
            FormerPlace(id=row.id, name=row.name, ags=ags[row.municipality_id], since=row.since)
            for row in _rows(*FormerPlaceName.__table__.columns)
        ),
        competences=tuple(
            CompetenceEntry(
                id=row.id,
                ags=ags[row.municipality_id],
                task=row.task,
                authority_key=keys[row.authority_id],
                certainty=row.certainty,
            )
            for row in _rows(*Competence.__table__.columns)
        ),
    )


def _rows(*columns: Any) -> list[Any]:
    return list(db.session.execute(sa.select(*columns)))


def _authority(row: Any, keys: dict[UUID, str]) -> AuthorityEntry:
    return AuthorityEntry(
        id=row.id,
        key=row.key,
        name=row.name,
        kind=row.kind,
        parent_key=keys.get(row.parent_id),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        street=row.street,
        postcode=row.postcode,
        city=row.city,
        email=row.email,
        telephone=row.telephone,
        website=row.website,
        opening_hours=row.opening_hours,
    )


def _place(row: Any, keys: dict[UUID, str]) -> Place:
    return Place(
        id=row.id,
        ags=row.ags,
        ars=row.ars,
        name=row.name,
        official_name=row.official_name,
        kind=row.kind,
        district_key=row.district_key,
        authority_key=keys[row.authority_id],
        district_authority_key=keys[row.district_authority_id],
        population=row.population,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        successor_ags=row.successor_ags,
    )


def _postcode(row: Any, ags: dict[UUID, str]) -> PostcodeEntry:
    return PostcodeEntry(
        id=row.id,
        postcode=row.postcode,
        ags=ags[row.municipality_id],
        is_primary=row.is_primary,
        kind=row.kind,
        confidence=row.confidence,
    )
