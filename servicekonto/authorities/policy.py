"""What staff may do. To add a permission: one row; on which rows it holds is decided by scoped queries."""

from servicekonto.accounts.models import Account
from servicekonto.authorities.current import staff_member_of
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.web.access import Permission

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: frozenset({Permission.PROCESS_REQUESTS, Permission.SEE_STATISTICS}),
    Role.APPROVER: frozenset(
        {Permission.PROCESS_REQUESTS, Permission.APPROVE_DECISIONS, Permission.SEE_STATISTICS}
    ),
    Role.AUTHORITY_ADMINISTRATOR: frozenset({Permission.ADMINISTER_AUTHORITY, Permission.SEE_STATISTICS}),
    Role.IDENTITY_OFFICER: frozenset({Permission.VERIFY_IDENTITY}),
}


def permissions_of(account: Account) -> frozenset[Permission]:
    """As a source for ``web.access.install``."""
    member = staff_member_of(account)
    return permissions_of_staff(member) if member is not None else frozenset()


def permissions_of_staff(member: StaffMember) -> frozenset[Permission]:
    """None any more once the membership has ended."""
    if not member.is_active:
        return frozenset()
    return frozenset().union(*(PERMISSIONS[role] for role in member.roles))
