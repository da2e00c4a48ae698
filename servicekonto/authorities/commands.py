"""Everything that changes who works where."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext

from servicekonto.accounts.models import Account, AccountKind
from servicekonto.authorities.events import StaffMemberAdded, StaffMemberDeactivated
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import Authority, StaffMember, StaffRole, Unit
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, InvalidInputError
from servicekonto.core.events import publish


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
    """Let an account of kind staff work for an authority. ``by`` None: the command line."""
    _check(account, authority, units, roles)
    if db.session.scalar(sa.select(StaffMember.id).where(StaffMember.account_id == account.id)) is not None:
        raise AlreadyStaffError(account.id)
    member = StaffMember(
        account=account, authority=authority, units=list(units), display_name=display_name, created_at=at
    )
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


def deactivate_staff_member(member: StaffMember, *, by: Account | None, at: datetime) -> None:
    """The row stays: decisions name it. Repeating it changes nothing."""
    if member.deactivated_at is not None:
        return
    member.deactivated_at = at
    db.session.flush()
    publish(
        StaffMemberDeactivated(
            subject_id=member.id,
            actor_id=by.id if by else None,
            occurred_at=at,
            account_id=member.account_id,
            authority_id=member.authority_id,
        )
    )


def _check(account: Account, authority: Authority, units: Collection[Unit], roles: Collection[Role]) -> None:
    if account.kind is not AccountKind.STAFF:
        raise InvalidInputError({"account": gettext("Dieses Konto ist kein Konto für Beschäftigte.")})
    if any(unit.authority_id != authority.id for unit in units):
        raise InvalidInputError({"units": gettext("Diese Stelle gehört zu einer anderen Behörde.")})
    if not roles:
        raise InvalidInputError({"roles": gettext("Bitte wählen Sie mindestens eine Rolle.")})
