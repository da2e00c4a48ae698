"""Who may see and work on which request. Used by queries as a filter and by commands as a question."""

import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.authorities.models import StaffMember
from servicekonto.authorities.policy import permissions_of_staff
from servicekonto.catalogue.definition import Definition
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import AT_AUTHORITY
from servicekonto.web.access import Permission


def owned_by(account: Account) -> sa.ColumnElement[bool]:
    return ServiceRequest.account_id == account.id


def may_apply(account: Account, definition: Definition) -> bool:
    """A service says which kinds of accounts it is open to."""
    return account.kind.value in definition.open_to


def visible_to(staff_member: StaffMember) -> sa.ColumnElement[bool]:
    """Their own authority, their own units, and only what has arrived."""
    return sa.and_(
        ServiceRequest.authority_id == staff_member.authority_id,
        ServiceRequest.unit_id.in_(staff_member.unit_ids),
        ServiceRequest.status.in_(AT_AUTHORITY),
    )


def may_work_on(staff_member: StaffMember, service_request: ServiceRequest) -> bool:
    return (
        staff_member.authority_id == service_request.authority_id
        and service_request.unit_id in staff_member.unit_ids
        and not is_own(staff_member, service_request)
    )


def is_own(staff_member: StaffMember, service_request: ServiceRequest) -> bool:
    """Nobody works on what they have asked for themselves."""
    return staff_member.account_id in {service_request.account_id, service_request.subject_account_id}


def may_approve(staff_member: StaffMember) -> bool:
    """By role. That it is another person than the one who proposed is a rule of the decision."""
    return Permission.APPROVE_DECISIONS in permissions_of_staff(staff_member)
