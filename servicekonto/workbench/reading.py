"""Whoever opens a citizen's request, or their personal data at the counter, leaves a trace, which the owner
reads (``data_protection.readings``).

The entry is committed before the answer is sent: what could not be written down is not shown.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response, g, request

from servicekonto.audit import Action, ObjectKind, record
from servicekonto.audit.models import AuditEntry
from servicekonto.authorities.identity_models import IdentityCheck
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember, StaffRole, staff_unit
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import Scope, scoped
from servicekonto.service_requests.models import ServiceRequest

SHOWS_SOMETHING = frozenset({200, 422})
READERS = frozenset({Role.CLERK, Role.APPROVER})
AT_THE_COUNTER = frozenset({Role.IDENTITY_OFFICER})
IDENTITY_CHECK = "identity_check"


@dataclass(frozen=True)
class _Reader:
    """The account that opens something, and the roles in which it may."""

    id: UUID
    authority_id: UUID
    roles: Sequence[Role]


def leave_trace(response: Response) -> Response:
    """After every page, form and document of one request, and of one check at the counter. An error page of
    what this account cannot see leaves nothing.
    """
    if response.status_code not in SHOWS_SOMETHING or "login_session" not in g:
        return response
    for name, (roles, note) in _NOTED.items():
        shown_id = (request.view_args or {}).get(name)
        reader = _reader(g.login_session.account_id, roles) if isinstance(shown_id, UUID) else None
        if isinstance(shown_id, UUID) and reader is not None:
            with scoped(Scope(account_id=reader.id, authority_id=reader.authority_id)), unit_of_work():
                note(shown_id, reader, at=clock.now())
    return response


def note_all(requests: Collection[ServiceRequest], *, by: StaffMember, at: datetime) -> None:
    """For a file with many requests: one statement, in the current transaction."""
    roles = sorted(READERS & by.roles)
    entries = [_entry(found, roles, by=by, at=at) for found in requests]
    if entries:
        db.session.execute(sa.insert(AuditEntry), entries)


def _reader(account_id: UUID, roles: Collection[Role]) -> _Reader | None:
    """None for accounts that may open nothing."""
    with unit_of_work(read_only=True):
        rows = db.session.execute(
            sa.select(StaffMember.authority_id, StaffRole.role)
            .join(StaffRole, StaffRole.staff_member_id == StaffMember.id)
            .where(StaffMember.account_id == account_id, StaffRole.role.in_(roles))
        ).all()
    return _Reader(account_id, rows[0][0], sorted(row[1] for row in rows)) if rows else None


def _note_request(request_id: UUID, reader: _Reader, *, at: datetime) -> None:
    own_units = (
        sa.select(staff_unit.c.unit_id)
        .join(StaffMember, StaffMember.id == staff_unit.c.staff_member_id)
        .where(StaffMember.account_id == reader.id)
    )
    found = db.session.execute(
        sa.select(ServiceRequest.account_id, ServiceRequest.reference).where(
            ServiceRequest.id == request_id,
            ServiceRequest.authority_id == reader.authority_id,
            ServiceRequest.unit_id.in_(own_units),
        )
    ).one_or_none()
    if found is None:
        return
    record(
        Action.REQUEST_OPENED,
        request_id,
        authority_id=reader.authority_id,
        by=reader,
        at=at,
        account_id=found.account_id,
        role=reader.roles,
        purpose=found.reference,
    )


def _note_check(check_id: UUID, reader: _Reader, *, at: datetime) -> None:
    owner_id = db.session.scalar(
        sa.select(IdentityCheck.account_id).where(
            IdentityCheck.id == check_id, IdentityCheck.staff_account_id == reader.id
        )
    )
    if owner_id is not None:
        record(
            Action.PERSONAL_DATA_OPENED,
            owner_id,
            authority_id=reader.authority_id,
            by=reader,
            at=at,
            role=reader.roles,
            purpose=IDENTITY_CHECK,
        )


_Note = Callable[..., None]

_NOTED: dict[str, tuple[frozenset[Role], _Note]] = {
    "request_id": (READERS, _note_request),
    "check_id": (AT_THE_COUNTER, _note_check),
}
"""By the argument of an address: in which roles it shows somebody's data, and what writes it down."""


def _entry(found: ServiceRequest, roles: Sequence[Role], *, by: StaffMember, at: datetime) -> dict[str, Any]:
    return {
        "authority_id": by.authority_id,
        "at": at,
        "actor_id": by.account_id,
        "account_id": found.account_id,
        "action": Action.REQUEST_OPENED,
        "object_kind": ObjectKind.SERVICE_REQUEST,
        "object_id": found.id,
        "payload": {"role": list(roles), "purpose": found.reference},
    }
