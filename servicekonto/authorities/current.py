"""The signed-in member of staff, looked up once per request."""

from collections.abc import Collection
from uuid import UUID

from flask import g, has_request_context

from servicekonto.accounts.current import current_account
from servicekonto.accounts.models import Account, AccountKind
from servicekonto.authorities import queries
from servicekonto.authorities.models import StaffMember
from servicekonto.core.errors import NotAllowedError
from servicekonto.core.scope import Scope


def current_staff() -> StaffMember:
    """Only in views that require a staff permission."""
    member = staff_member_of(current_account())
    if member is None:
        raise NotAllowedError("no member of staff")
    return member


def scope_of(account: Account) -> Scope | None:
    """What row-level security lets a member of staff see: the own authority. None for everybody else."""
    member = staff_member_of(account)
    return Scope(account_id=account.id, authority_id=member.authority_id) if member is not None else None


def staff_member_of(account: Account) -> StaffMember | None:
    """Active staff only; permissions, scope and views ask for the same row."""
    if account.kind is not AccountKind.STAFF:
        return None
    if not has_request_context():
        return queries.staff_member_of(account)
    known: tuple[object, StaffMember | None] | None = g.get("staff_member")
    if known is None or known[0] != account.id:
        known = g.staff_member = account.id, queries.staff_member_of(account)
    return known[1]


def names_of_accounts(account_ids: Collection[UUID]) -> dict[UUID, str]:
    """As ``queries.names_of_accounts``; what a page has asked once it does not ask again."""
    if not has_request_context():
        return queries.names_of_accounts(account_ids)
    known: dict[UUID, str | None] = g.setdefault("names_of_accounts", {})
    unknown = [account_id for account_id in account_ids if account_id not in known]
    if unknown:
        known |= {**dict.fromkeys(unknown), **queries.names_of_accounts(unknown)}
    return {account_id: name for account_id in account_ids if (name := known[account_id]) is not None}
