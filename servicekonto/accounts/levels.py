"""How much each way of signing in proves, and what needs how much."""

from servicekonto.accounts.factor_models import Passkey
from servicekonto.accounts.history_models import Method
from servicekonto.accounts.models import Account, AccountKind, AssuranceLevel
from servicekonto.core.settings import settings
from servicekonto.web.access import Permission

# TR-03107-1: one factor is low, two of different kinds are substantial. A recovery code gives back access and
# never a level (TR-03160-1 § 4.5).
LEVELS: dict[Method, AssuranceLevel] = {
    Method.PASSWORD: AssuranceLevel.LOW,
    Method.PASSWORD_AND_TOTP: AssuranceLevel.SUBSTANTIAL,
    Method.PASSWORD_AND_RECOVERY_CODE: AssuranceLevel.LOW,
}

# Work for an authority and for the operator is done with two factors.
NEEDED: dict[Permission, AssuranceLevel] = {
    Permission.PROCESS_REQUESTS: AssuranceLevel.SUBSTANTIAL,
    Permission.APPROVE_DECISIONS: AssuranceLevel.SUBSTANTIAL,
    Permission.ADMINISTER_AUTHORITY: AssuranceLevel.SUBSTANTIAL,
    Permission.SEE_STATISTICS: AssuranceLevel.SUBSTANTIAL,
    Permission.VERIFY_IDENTITY: AssuranceLevel.SUBSTANTIAL,
    Permission.OPERATE: AssuranceLevel.SUBSTANTIAL,
}


def of_passkey(passkey: Passkey, *, user_was_verified: bool, with_password: bool) -> AssuranceLevel:
    """A passkey that asked for a PIN or a finger is two factors, alone it is one; with a password it is
    two.
    """
    if not (user_was_verified or with_password):
        return AssuranceLevel.LOW
    if passkey.is_backup_eligible:
        return AssuranceLevel(settings().synced_passkey_level)
    return AssuranceLevel.SUBSTANTIAL


def of_demonstration(account: Account) -> AssuranceLevel:
    """Whoever signs in with one click gets what the account was made to show."""
    if account.kind is not AccountKind.CITIZEN:
        return AssuranceLevel.SUBSTANTIAL
    return max(AssuranceLevel.LOW, identity_of(account), key=list(AssuranceLevel).index)


IDENTIFYING = "family_name"
"""The attribute whose level says how surely it is known who this is."""


def identity_of(account: Account) -> AssuranceLevel:
    """How surely it is known who this is: everything else hangs on it."""
    found = [attribute.level for attribute in account.attributes if attribute.name == IDENTIFYING]
    return found[0] if found else AssuranceLevel.BASIC
