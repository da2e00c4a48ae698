"""Reading what is remembered about a person's rights. Every query takes the owner."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core import retention
from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError
from servicekonto.core.sealing import token_hash
from servicekonto.data_protection.models import AccountDeletion, Consent, DataExport
from servicekonto.data_protection.purposes import Purpose
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.policy import owned_by
from servicekonto.service_requests.status import OPEN_AT_AUTHORITY, Status


def newest_export(account: Account) -> DataExport | None:
    return db.session.scalar(
        sa.select(DataExport)
        .where(DataExport.account_id == account.id)
        .order_by(DataExport.asked_at.desc(), DataExport.id.desc())
        .limit(1)
    )


def export_to_fetch(account: Account, export_id: UUID, *, at: datetime) -> DataExport:
    """Raises NotFoundError for foreign, unfinished and old ones alike."""
    found = db.session.scalar(
        sa.select(DataExport).where(
            DataExport.id == export_id,
            DataExport.account_id == account.id,
            DataExport.ready_at.is_not(None),
            DataExport.expires_at > at,
        )
    )
    if found is None:
        raise NotFoundError(export_id)
    return found


def job_key(export: DataExport) -> str:
    return f"data_protection.export:{export.id}"


def has_failed(export: DataExport) -> bool:
    """The worker has given up; the owner may ask again."""
    status = db.session.scalar(sa.select(Job.status).where(Job.key == job_key(export)))
    return export.ready_at is None and status is not JobStatus.QUEUED


def running_requests(account: Account) -> Sequence[ServiceRequest]:
    """What an authority is still working on."""
    return db.session.scalars(
        sa.select(ServiceRequest)
        .options(
            sa.orm.joinedload(ServiceRequest.service_version), sa.orm.joinedload(ServiceRequest.authority)
        )
        .where(owned_by(account), ServiceRequest.status.in_([Status.SUBMITTED, *sorted(OPEN_AT_AUTHORITY)]))
        .order_by(ServiceRequest.submitted_at)
    ).all()


def authorities_with_files(account: Account) -> list[str]:
    """Names of the authorities that keep a request of this account."""
    requests = db.session.scalars(
        sa.select(ServiceRequest)
        .options(sa.orm.joinedload(ServiceRequest.authority))
        .where(owned_by(account), ServiceRequest.status != Status.DRAFT)
    )
    return sorted({request.authority.name for request in requests if request.authority is not None})


def deletion_under_way(account: Account) -> AccountDeletion | None:
    return db.session.scalar(sa.select(AccountDeletion).where(*is_under_way(account)))


def is_under_way(account: Account) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        AccountDeletion.account_id == account.id,
        AccountDeletion.stopped_at.is_(None),
        AccountDeletion.deleted_at.is_(None),
    )


def is_stoppable(token: str, *, at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        AccountDeletion.token_hash == token_hash(token),
        AccountDeletion.stopped_at.is_(None),
        AccountDeletion.deleted_at.is_(None),
        AccountDeletion.deletes_at > at,
    )


def deletion_of_link(token: str, *, at: datetime) -> AccountDeletion | None:
    """None for unknown, used and expired links alike."""
    return db.session.scalar(sa.select(AccountDeletion).where(*is_stoppable(token, at=at)))


def due_deletions(*, at: datetime, limit: int) -> Sequence[AccountDeletion]:
    return _waiting(AccountDeletion.deletes_at <= at, limit=limit)


def deletions_to_remind_of(*, at: datetime, limit: int) -> Sequence[AccountDeletion]:
    return _waiting(
        AccountDeletion.deletes_at <= at + retention.DELETION_REMINDER,
        AccountDeletion.deletes_at > at,
        AccountDeletion.reminded_at.is_(None),
        limit=limit,
    )


def deleted_accounts() -> list[tuple[UUID, datetime]]:
    """All, for the list that is kept outside the database."""
    rows = db.session.execute(
        sa.select(AccountDeletion.account_id, AccountDeletion.deleted_at)
        .where(AccountDeletion.deleted_at.is_not(None))
        .order_by(AccountDeletion.deleted_at, AccountDeletion.id)
    )
    return [(account_id, at) for account_id, at in rows if at is not None]


def _waiting(*conditions: sa.ColumnElement[bool], limit: int) -> Sequence[AccountDeletion]:
    return db.session.scalars(
        sa.select(AccountDeletion)
        .where(AccountDeletion.stopped_at.is_(None), AccountDeletion.deleted_at.is_(None), *conditions)
        .order_by(AccountDeletion.deletes_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def has_consent(account: Account, purpose: Purpose) -> bool:
    in_force = sa.exists().where(
        Consent.account_id == account.id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
    )
    return bool(db.session.scalar(sa.select(in_force)))


def may_keep_personal_data(account: Account) -> bool:
    return has_consent(account, Purpose.PERMANENT_STORAGE)


def consents_of(account: Account) -> Sequence[Consent]:
    """The whole history, the newest first."""
    return db.session.scalars(
        sa.select(Consent)
        .where(Consent.account_id == account.id)
        .order_by(Consent.given_at.desc(), Consent.id.desc())
    ).all()
