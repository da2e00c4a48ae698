"""Every rule of ``core/retention``: what is due by it, and who carries it out. To add one: a row here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from servicekonto.accounts.history_models import KnownDevice, SignInRecord
from servicekonto.accounts.kept_input import KeptInput
from servicekonto.accounts.models import Account, LoginSession, OneTimeLink
from servicekonto.accounts.tasks import purge_old_rows
from servicekonto.audit.models import AuditEntry
from servicekonto.authorities import invitations
from servicekonto.authorities.models import StaffInvitation
from servicekonto.core import retention
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.retention import Rule
from servicekonto.data_protection import inactivity
from servicekonto.data_protection import tasks as data_protection
from servicekonto.data_protection.commands import exports
from servicekonto.data_protection.models import AccountDeletion, DataExport
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.tasks import purge_done
from servicekonto.notifications.models import Mail
from servicekonto.notifications.tasks import purge_mails
from servicekonto.oidc import forgetting
from servicekonto.oidc.logout import TELL
from servicekonto.oidc.models import RefreshToken
from servicekonto.operations.retention import tasks
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.idempotency import IdempotencyKey
from servicekonto.workbench.models import BulkReport

Moment = InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Sweep:
    """``due`` counts, in the current transaction; ``run`` opens its own, and may carry out others too."""

    rule: Rule
    due: Callable[[datetime], int]
    run: Callable[[datetime], object]


@dataclass(frozen=True)
class Report:
    rule: Rule
    rows: int


def sweep_all(*, at: datetime, dry_run: bool) -> list[Report]:
    """Counts what is due by each rule, then carries all of them out."""
    with unit_of_work(read_only=True):
        reports = [Report(sweep.rule, sweep.due(at)) for sweep in SWEEPS]
    if not dry_run:
        for run in dict.fromkeys(sweep.run for sweep in SWEEPS):
            run(at)
    return reports


def _older(rule: Rule, moment: Moment, *conditions: sa.ColumnElement[bool]) -> Callable[[datetime], int]:
    """How many rows have ``moment`` longer ago than they are kept."""
    table = moment.class_

    def count(at: datetime) -> int:
        query = sa.select(sa.func.count()).select_from(table).where(moment < at - rule.kept, *conditions)
        return db.session.scalar(query) or 0

    return count


def _passed(moment: Moment, *conditions: sa.ColumnElement[bool]) -> Callable[[datetime], int]:
    """How many rows carry the day of their end, and it has come."""
    table = moment.class_

    def count(at: datetime) -> int:
        query = sa.select(sa.func.count()).select_from(table).where(moment <= at, *conditions)
        return db.session.scalar(query) or 0

    return count


def _in_one(act: Callable[..., object]) -> Callable[[datetime], None]:
    def run(at: datetime) -> None:
        with unit_of_work():
            act(at=at)

    return run


def _drafts(at: datetime) -> None:
    tasks.remind_of_drafts(at=at)
    tasks.delete_drafts(at=at)


def _deletions(at: datetime) -> None:
    data_protection.remind_of_deletions(at=at)
    data_protection.delete_accounts(at=at)


def _unused(at: datetime) -> int:
    return sum(inactivity.is_over(account_id, at=at) for account_id in inactivity.candidates(at=at))


_has_link = sa.exists().where(OneTimeLink.account_id == Account.id)
_websites = _in_one(forgetting.purge)
_accounts = _in_one(purge_old_rows)

SWEEPS = (
    Sweep(
        retention.DRAFTS,
        _older(retention.DRAFTS, ServiceRequest.updated_at, ServiceRequest.status == Status.DRAFT),
        _drafts,
    ),
    Sweep(
        retention.IDEMPOTENCY_KEYS,
        _older(retention.IDEMPOTENCY_KEYS, IdempotencyKey.created_at),
        _in_one(tasks.delete_idempotency_keys),
    ),
    Sweep(retention.MAILS, _older(retention.MAILS, Mail.created_at), _in_one(purge_mails)),
    Sweep(
        retention.DONE_JOBS,
        _older(retention.DONE_JOBS, Job.done_at, Job.status == JobStatus.DONE),
        _in_one(purge_done),
    ),
    Sweep(retention.SESSIONS, _older(retention.SESSIONS, LoginSession.created_at), _accounts),
    Sweep(retention.LINKS, _older(retention.LINKS, OneTimeLink.expires_at), _accounts),
    Sweep(
        retention.UNCONFIRMED,
        _older(retention.UNCONFIRMED, Account.created_at, Account.confirmed_at.is_(None), ~_has_link),
        _accounts,
    ),
    Sweep(retention.KEPT_INPUT, _older(retention.KEPT_INPUT, KeptInput.created_at), _accounts),
    Sweep(retention.SIGN_INS, _older(retention.SIGN_INS, SignInRecord.at), _accounts),
    Sweep(retention.DEVICES, _older(retention.DEVICES, KnownDevice.last_seen_at), _accounts),
    Sweep(
        retention.INVITATIONS,
        _older(retention.INVITATIONS, StaffInvitation.expires_at),
        _in_one(invitations.purge),
    ),
    Sweep(
        retention.BULK_REPORTS,
        _older(retention.BULK_REPORTS, BulkReport.created_at),
        _in_one(tasks.delete_bulk_reports),
    ),
    Sweep(
        retention.WEBSITE_SIGN_INS,
        lambda at: forgetting.due(at=at),
        _websites,
    ),
    Sweep(
        retention.TOLD_LOGOUTS,
        _older(retention.TOLD_LOGOUTS, Job.created_at, Job.kind == TELL),
        _websites,
    ),
    Sweep(retention.OFFLINE_ACCESS, _passed(RefreshToken.expires_at), _websites),
    Sweep(retention.EXPORTS, _passed(DataExport.expires_at), _in_one(exports.purge)),
    Sweep(
        retention.DELETIONS,
        _passed(
            AccountDeletion.deletes_at,
            AccountDeletion.stopped_at.is_(None),
            AccountDeletion.deleted_at.is_(None),
        ),
        _deletions,
    ),
    Sweep(
        retention.AUDIT_PAYLOADS,
        _older(
            retention.AUDIT_PAYLOADS,
            AuditEntry.at,
            AuditEntry.sealed_at.is_not(None),
            AuditEntry.payload.is_not(None),
        ),
        lambda at: tasks.empty_audit_payloads(at=at),
    ),
    Sweep(retention.INACTIVE, _unused, lambda at: data_protection.treat_unused_accounts(at=at)),
)
