"""The signed-in member of staff."""

from flask import g

from servicekonto.accounts.current import current_account
from servicekonto.authorities.models import StaffMember
from servicekonto.authorities.queries import staff_member_of
from servicekonto.core.errors import NotAllowedError


def current_staff() -> StaffMember:
    """Only in views that require a staff permission."""
    if "staff_member" not in g:
        g.staff_member = staff_member_of(current_account())
    if g.staff_member is None:
        raise NotAllowedError("no member of staff")
    staff_member: StaffMember = g.staff_member
    return staff_member
