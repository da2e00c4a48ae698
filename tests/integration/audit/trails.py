"""Trails with many entries, and hands on them that the application does not have."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from servicekonto import audit
from servicekonto.audit import Action, verifying
from servicekonto.audit.checkpoints import Expected
from servicekonto.audit.models import AuditEntry
from servicekonto.audit.sealer import seal_waiting
from servicekonto.audit.verifying import Break, Report
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.settings import settings
from servicekonto.operations.snapshot import snapshot
from servicekonto.web.application import Servicekonto
from tests.integration.operations.breaking import break_by_sql
from tests.integration.operations.restoring import inside

AT = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
OURS = UUID("01890000-0000-7000-8000-00000000000a")
THEIRS = UUID("01890000-0000-7000-8000-00000000000b")


def write(authority_id: UUID | None, *, times: int = 1, at: datetime = AT) -> None:
    """In a unit of work of its own."""
    with unit_of_work():
        for number in range(times):
            act(authority_id, at=at + timedelta(seconds=number))


def act(authority_id: UUID | None, *, at: datetime = AT) -> None:
    audit.record(Action.CONTACT_CHANGED, uuid4(), authority_id=authority_id, by=None, at=at, fields=["email"])


def chain(authority_id: UUID | None) -> list[AuditEntry]:
    """In its order; what is not sealed does not belong to it."""
    with unit_of_work(read_only=True):
        query = sa.select(AuditEntry).where(
            AuditEntry.authority_id == authority_id, AuditEntry.number.is_not(None)
        )
        entries = list(db.session.scalars(query.order_by(AuditEntry.number)))
        db.session.expunge_all()
        return entries


def sealed_trail(app: Servicekonto) -> None:
    """Five acts of ours, three of theirs, two of the platform."""
    with inside(app):
        for authority_id, times in ((OURS, 5), (THEIRS, 3), (None, 2)):
            write(authority_id, times=times)
        seal_waiting(at=AT)


def verified(app: Servicekonto, expected: Expected | None = None, *, at: datetime = AT) -> Report:
    with inside(app):
        db.session.remove()
        with snapshot():
            return verifying.verify(expected or Expected(), at=at, progress=lambda _steps: None)


def first_break(app: Servicekonto, expected: Expected | None = None) -> Break:
    """Of the only chain that is broken."""
    (found,) = verified(app, expected).breaks
    return found


def tamper(app: Servicekonto, *statements: str) -> None:
    """As the owner of the tables, with no trigger and no index in the way."""
    with app.app_context():
        is_sqlite = settings().migration_database_url.startswith("sqlite")
    without_triggers = (
        ("drop trigger if exists audit_entry_fixed", "drop trigger if exists audit_entry_stays")
        if is_sqlite
        else ("alter table audit_entry disable trigger all",)
    )
    without_indexes = tuple(
        f"drop index if exists ix_audit_entry_{name}" for name in ("authority_id_number", "platform_number")
    )
    break_by_sql(app, *without_triggers, *without_indexes, *statements)
