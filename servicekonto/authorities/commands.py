"""Everything that changes who works where, and what an authority says about itself.

``by`` None is the command line. It may do what nobody in the authority may: let the last administrator go.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from flask_babel import gettext

from servicekonto import audit
from servicekonto.accounts import commands as accounts
from servicekonto.accounts import recovery, sessions
from servicekonto.accounts.models import Account, AccountKind
from servicekonto.audit import Action
from servicekonto.authorities.events import StaffMemberAdded, StaffMemberDeactivated
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import Authority, ReferenceImport, StaffMember, StaffRole, Unit
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, InvalidInputError, NotAllowedError
from servicekonto.core.events import publish

CONTACT_FIELDS = ("street", "postcode", "city", "telephone", "email", "website", "opening_hours")


class AlreadyStaffError(ConflictError):
    """The account works, or worked, for an authority. Another authority needs another account."""


def add_staff_member(
    account: Account,
    authority: Authority,
    units: Collection[Unit],
    roles: Collection[Role],
    *,
    display_name: str,
    by: Account | None,
    at: datetime,
) -> StaffMember:
    """Let an account of kind staff work for an authority."""
    member = employ(account, authority, units, roles, display_name=display_name, by=by, at=at)
    audit.record(
        Action.STAFF_ADDED,
        member.id,
        authority_id=authority.id,
        by=by,
        at=at,
        roles=member.roles,
        unit_ids=member.unit_ids,
    )
    return member


def employ(
    account: Account,
    authority: Authority,
    units: Collection[Unit],
    roles: Collection[Role],
    *,
    display_name: str,
    by: Account | None,
    at: datetime,
    member_id: UUID | None = None,
) -> StaffMember:
    """The part that adding and accepting an invitation share; the caller writes the audit entry."""
    if account.kind is not AccountKind.STAFF:
        raise InvalidInputError({"account": gettext("Dieses Konto ist kein Konto für Beschäftigte.")})
    check_roles_and_units(authority, units, roles)
    if db.session.scalar(sa.select(StaffMember.id).where(StaffMember.account_id == account.id)) is not None:
        raise AlreadyStaffError(account.id)
    member = StaffMember(
        id=member_id, account=account, authority=authority, units=list(units), display_name=display_name,
        created_at=at,
    )  # fmt: skip
    member.granted_roles = [StaffRole(role=role) for role in sorted(set(roles))]
    db.session.add(member)
    db.session.flush()
    publish(
        StaffMemberAdded(
            subject_id=member.id,
            actor_id=by.id if by else None,
            occurred_at=at,
            account_id=account.id,
            authority_id=authority.id,
        )
    )
    return member


def change_staff_member(
    member: StaffMember,
    *,
    display_name: str,
    units: Collection[Unit],
    roles: Collection[Role],
    by: Account | None,
    at: datetime,
) -> None:
    """Losing a role or a unit ends the person's sessions. Changing nothing is no act."""
    check_roles_and_units(member.authority, units, roles)
    if by is not None and Role.AUTHORITY_ADMINISTRATOR not in roles:
        _check_administrator_remains(member, "roles")
    roles_before, units_before = member.roles, member.unit_ids
    roles_after, units_after = frozenset(roles), frozenset(unit.id for unit in units)
    is_renamed = display_name != member.display_name
    if not is_renamed and (roles_before, units_before) == (roles_after, units_after):
        return
    if is_renamed:
        member.display_name = display_name
    _grant(member, roles_after)
    member.units = list(units)
    db.session.flush()
    if roles_before - roles_after or units_before - units_after:
        sessions.end_all(member.account, at=at)
    audit.record(
        Action.STAFF_CHANGED,
        member.id,
        authority_id=member.authority_id,
        by=by,
        at=at,
        is_renamed=is_renamed,
        roles_before=roles_before,
        roles_after=roles_after,
        unit_ids_before=units_before,
        unit_ids_after=units_after,
    )


def deactivate_staff_member(member: StaffMember, *, by: Account | None, at: datetime) -> None:
    """Signed out at once, and for good. The row stays: decisions name it. Repeating it changes nothing."""
    if member.deactivated_at is not None:
        return
    if by is not None:
        _check_administrator_remains(member, "member")
    member.deactivated_at = at
    accounts.lock(member.account, at=at)
    audit.record(Action.STAFF_DEACTIVATED, member.id, authority_id=member.authority_id, by=by, at=at)
    publish(
        StaffMemberDeactivated(
            subject_id=member.id,
            actor_id=by.id if by else None,
            occurred_at=at,
            account_id=member.account_id,
            authority_id=member.authority_id,
        )
    )


def reactivate_staff_member(member: StaffMember, *, by: Account | None, at: datetime) -> None:
    """With the password, roles and units as before. Repeating it changes nothing."""
    if member.deactivated_at is None:
        return
    if member.account.locked_at == member.deactivated_at:  # else it is locked for another reason too
        accounts.unlock(member.account)
    member.deactivated_at = None
    audit.record(Action.STAFF_REACTIVATED, member.id, authority_id=member.authority_id, by=by, at=at)


def reset_factors(
    member: StaffMember, *, by: Account | None, at: datetime, reference: str | None = None
) -> None:
    """Everything but the password is lost. The person signs in with it and sets up a new factor before any
    work. ``reference``: on the machine, to what was written down about who asked for it.

    Raises NotAllowedError for oneself: somebody else has to look.
    """
    if by is not None and member.account_id == by.id:
        raise NotAllowedError("oneself")
    recovery.reset_factors(member.account, by=by, at=at)
    audit.record(
        Action.STAFF_FACTORS_RESET,
        member.id,
        authority_id=member.authority_id,
        by=by,
        at=at,
        reference=reference,
    )


def change_contact(
    authority: Authority, values: Mapping[str, str | None], *, by: Account | None, at: datetime
) -> None:
    """``values``: all of ``CONTACT_FIELDS``. Every process reads its copy of the directory again."""
    changed = [name for name in CONTACT_FIELDS if (values[name] or None) != getattr(authority, name)]
    if not changed:
        return
    for name in changed:
        setattr(authority, name, values[name] or None)
    db.session.add(ReferenceImport(fingerprint=_newest_fingerprint(), imported_at=at))
    db.session.flush()
    audit.record(
        Action.CONTACT_CHANGED, authority.id, authority_id=authority.id, by=by, at=at, fields=changed
    )


def check_roles_and_units(authority: Authority, units: Collection[Unit], roles: Collection[Role]) -> None:
    if any(unit.authority_id != authority.id for unit in units):
        raise InvalidInputError({"units": gettext("Diese Stelle gehört zu einer anderen Behörde.")})
    if not roles:
        raise InvalidInputError({"roles": gettext("Bitte wählen Sie mindestens eine Rolle.")})


def _grant(member: StaffMember, roles: frozenset[Role]) -> None:
    """Rows of roles that stay are kept: of equal ones the new would be inserted before the old goes."""
    for granted in [granted for granted in member.granted_roles if granted.role not in roles]:
        member.granted_roles.remove(granted)
    member.granted_roles.extend(StaffRole(role=role) for role in sorted(roles - member.roles))


def _check_administrator_remains(member: StaffMember, field: str) -> None:
    """Two who take each other's role away at the same moment: the second waits and is refused."""
    if Role.AUTHORITY_ADMINISTRATOR not in member.roles:
        return
    db.session.execute(sa.select(Authority.id).where(Authority.id == member.authority_id).with_for_update())
    others = (
        sa.select(StaffMember.id)
        .join(StaffRole, StaffRole.staff_member_id == StaffMember.id)
        .join(Account, Account.id == StaffMember.account_id)
        .where(
            StaffMember.authority_id == member.authority_id,
            StaffMember.id != member.id,
            StaffMember.deactivated_at.is_(None),
            StaffRole.role == Role.AUTHORITY_ADMINISTRATOR,
            Account.locked_at.is_(None),
        )
    )
    if db.session.scalar(others.limit(1)) is None:
        sentence = gettext(
            "Das geht nicht: Ihre Behörde hätte dann niemanden mehr für die Verwaltung. "
            "Geben Sie zuerst einer anderen Person diese Rolle."
        )
        raise InvalidInputError({field: sentence})


def _newest_fingerprint() -> str:
    newest = sa.select(ReferenceImport.fingerprint).order_by(ReferenceImport.id.desc()).limit(1)
    return db.session.scalar(newest) or ""
