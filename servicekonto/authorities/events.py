from dataclasses import dataclass, field
from uuid import UUID

from servicekonto.core.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class StaffMemberAdded(DomainEvent):
    """``subject_id`` is the staff member."""

    account_id: UUID
    authority_id: UUID


@dataclass(frozen=True, kw_only=True)
class StaffMemberDeactivated(DomainEvent):
    """``subject_id`` is the staff member. Nobody acts for the authority with this account any more."""

    account_id: UUID
    authority_id: UUID


@dataclass(frozen=True, kw_only=True)
class StaffInvited(DomainEvent):
    """``subject_id`` is the invitation. Mail: the link, valid for 7 days; it exists only here and there."""

    authority_id: UUID
    authority_name: str
    link_token: str = field(repr=False)
