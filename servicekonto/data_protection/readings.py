"""Who has opened a person's requests and personal data, from the audit trail: by role and authority, never by
name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from servicekonto.accounts.models import Account
from servicekonto.audit import Action
from servicekonto.audit.models import AuditEntry
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import Authority
from servicekonto.core.clock import local_date
from servicekonto.core.db import db
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.policy import owned_by
from servicekonto.web.cursors import Cursor

PAGE_SIZE = 50

ROLE_NAMES: dict[str, LazyString] = {
    Role.CLERK: _("Sachbearbeitung"),
    Role.APPROVER: _("Freigabe von Entscheidungen"),
    Role.IDENTITY_OFFICER: _("Ausweisprüfung"),
}
ACTIONS = (Action.REQUEST_OPENED, Action.PERSONAL_DATA_OPENED)


@dataclass(frozen=True)
class Reading:
    """The same role of the same authority has opened the same request ``times`` in a row, last at ``at``.

    ``request_id`` None: not a request but the personal data of the account, at the counter. ``roles`` is
    empty when retention has emptied the entry; ``reference`` None when the request is gone.
    """

    at: datetime
    authority: str
    roles: str
    request_id: UUID | None
    reference: str | None
    times: int


@dataclass(frozen=True)
class ReadingPage:
    """The newest day first. ``behind``: where the next page begins; None on the last."""

    days: Sequence[tuple[date, Sequence[Reading]]]
    behind: Cursor | None


def page_of_readings(account: Account, *, behind: Cursor | None = None) -> ReadingPage:
    """Three statements, however many there are."""
    entries = _entries(account, behind)
    shown = entries[:PAGE_SIZE]
    authorities, references = _authorities(shown), _references(account, shown)
    days = [
        (day, [_reading(list(same), authorities, references) for _key, same in groupby(of_day, key=_what)])
        for day, of_day in groupby(shown, key=lambda entry: local_date(entry.at))
    ]
    return ReadingPage(days, (shown[-1].at, shown[-1].id) if len(entries) > PAGE_SIZE else None)


def _entries(account: Account, behind: Cursor | None) -> Sequence[AuditEntry]:
    query = (
        sa.select(AuditEntry)
        .where(AuditEntry.account_id == account.id, AuditEntry.action.in_(ACTIONS))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if behind is not None:
        moment, entry_id = behind
        last = sa.tuple_(sa.literal(moment, AuditEntry.at.type), sa.literal(entry_id, AuditEntry.id.type))
        query = query.where(sa.tuple_(AuditEntry.at, AuditEntry.id) < last)
    return db.session.scalars(query).all()


def _what(entry: AuditEntry) -> tuple[object, ...]:
    return entry.action, entry.object_id, entry.authority_id, tuple(_roles(entry))


def _roles(entry: AuditEntry) -> Iterator[str]:
    yield from (entry.payload or {}).get("role") or ()


def _reading(
    same: Sequence[AuditEntry], authorities: dict[UUID, str], references: dict[UUID, str | None]
) -> Reading:
    newest = same[0]
    return Reading(
        at=newest.at,
        authority=authorities.get(newest.authority_id, "") if newest.authority_id else "",
        roles=", ".join(str(ROLE_NAMES[role]) for role in _roles(newest) if role in ROLE_NAMES),
        request_id=newest.object_id if newest.action is Action.REQUEST_OPENED else None,
        reference=references.get(newest.object_id),
        times=len(same),
    )


def _authorities(entries: Sequence[AuditEntry]) -> dict[UUID, str]:
    ids = {entry.authority_id for entry in entries}
    rows = db.session.execute(sa.select(Authority.id, Authority.name).where(Authority.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def _references(account: Account, entries: Sequence[AuditEntry]) -> dict[UUID, str | None]:
    rows = db.session.execute(
        sa.select(ServiceRequest.id, ServiceRequest.reference).where(
            owned_by(account), ServiceRequest.id.in_({entry.object_id for entry in entries})
        )
    )
    return {row[0]: row[1] for row in rows}
