"""What each kind of account may do at all. Roles at an authority add to it (``authorities``)."""

from servicekonto.accounts.models import Account, AccountKind
from servicekonto.web.access import Permission, Permissions

PERMISSIONS: dict[AccountKind, Permissions] = {
    AccountKind.CITIZEN: frozenset({Permission.OWN_ACCOUNT, Permission.OWN_REQUESTS}),
    AccountKind.STAFF: frozenset({Permission.OWN_ACCOUNT, Permission.OWN_REQUESTS}),
    AccountKind.OPERATOR: frozenset({Permission.OWN_ACCOUNT, Permission.OPERATE}),
}


def permissions_of(account: Account) -> Permissions:
    """Give it to ``web.access.install``."""
    return PERMISSIONS[account.kind]
