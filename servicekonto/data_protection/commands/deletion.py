"""The end of an account (Art. 17 DSGVO, § 8 (7) OZG, TR-03160-1 § 7): announced, stoppable, then for good.

What goes and what stays follows from the foreign keys and the catalogue. A request that was sent stays with
its authority under its own key; the account row stays empty, because those requests point at it.
"""

import base64
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts import commands as accounts
from servicekonto.accounts import holding, links
from servicekonto.accounts.models import Account, AccountKind, OneTimeLinkPurpose
from servicekonto.audit import Action, record
from servicekonto.core import retention
from servicekonto.core.db import Base, db, working_as
from servicekonto.core.errors import NotAllowedError, NotFoundError
from servicekonto.core.events import publish
from servicekonto.core.ids import new_id
from servicekonto.core.scope import Scope
from servicekonto.core.sealing import derived_key, token_hash
from servicekonto.data_protection import queries
from servicekonto.data_protection.events import (
    AccountDeleted,
    DeletionNear,
    DeletionRequested,
    DeletionStopped,
)
from servicekonto.data_protection.models import AccountDeletion, DeletionCause
from servicekonto.data_protection.walk import matching, rows_of
from servicekonto.service_requests import history
from servicekonto.service_requests.models import EventKind


@dataclass(frozen=True)
class _Stopped:
    account_id: UUID
    requested_at: datetime


def request(
    account: Account, *, by: Account, by_session: UUID | None = None, at: datetime
) -> AccountDeletion:
    """Locks it at once. Asking again changes nothing. NotAllowedError for accounts of staff and operators,
    MeanwhileError when the owner has just ended this session.

    It may be a stranger who asks: "that was not me" works until the end, also from an address it had before.
    """
    if account.kind is not AccountKind.CITIZEN:
        raise NotAllowedError("accounts of staff end with their work")
    holding.hold_for(account, by_session)
    under_way = queries.deletion_under_way(account)
    if under_way is not None:
        return under_way
    deletion = _begin(account, DeletionCause.OWNER, at=at, deletes_at=at + retention.DELETIONS.kept)
    accounts.lock(account, at=at)
    links.prolong(account, OneTimeLinkPurpose.THAT_WAS_NOT_ME, until=deletion.deletes_at, at=at)
    record(Action.DELETION_REQUESTED, account.id, authority_id=None, by=by, at=at)
    publish(
        DeletionRequested(
            subject_id=account.id,
            actor_id=by.id,
            occurred_at=at,
            deletes_at=deletion.deletes_at,
            link_token=token_of(deletion),
        )
    )
    return deletion


def remind(deletion: AccountDeletion, *, at: datetime) -> None:
    """Once."""
    if deletion.reminded_at is not None:
        return
    deletion.reminded_at = at
    db.session.flush()
    publish(
        DeletionNear(
            subject_id=deletion.account_id,
            actor_id=None,
            occurred_at=at,
            deletes_at=deletion.deletes_at,
            link_token=token_of(deletion),
        )
    )


def stop(token: str, *, at: datetime) -> None:
    """By whoever reads the mailbox. NotFoundError for unknown, used and expired links alike."""
    found = queries.deletion_of_link(token, at=at)
    if found is None:
        raise NotFoundError("link")
    with working_as(Scope(account_id=found.account_id)):  # who opens the link is signed out, or somebody else
        account = found.account
        holding.hold(account)
        stopped = _stop(queries.is_stoppable(token, at=at), at=at)
        if stopped is None:
            raise NotFoundError("link")
        _open(account, stopped)
        _tell_stopped(account, by=account, at=at)


def call_off(deletion: AccountDeletion, *, at: datetime) -> None:
    """On the machine, together with opening the account: it may have been a stranger who asked for it."""
    deletion.stopped_at = at
    db.session.flush()
    _tell_stopped(deletion.account, by=None, at=at)


def stop_disowned(account: Account, *, at: datetime) -> bool:
    """The owner says that it was not them who has done something in this account. False when none is under
    way. Whoever calls tells the owner.
    """
    stopped = _stop(queries.is_under_way(account), at=at)
    if stopped is None:
        return False
    _open(account, stopped)
    _record_stopped(account, by=account, at=at)
    return True


def delete(deletion: AccountDeletion, *, at: datetime, tells: bool = True) -> None:
    """For good, in the current transaction, as SYSTEM. ``tells``: a last mail to the owner."""
    account = deletion.account
    if deletion.deleted_at is not None or deletion.stopped_at is not None:
        return
    if tells:
        publish(AccountDeleted(subject_id=account.id, actor_id=None, occurred_at=at))
    record(Action.ACCOUNT_DELETED, account.id, authority_id=None, by=None, at=at)
    _tell_authorities(account, at=at)
    _remove_rows(account.id)
    _empty(account, at=at)
    deletion.deleted_at = at
    db.session.flush()
    db.session.expire_all()


def delete_now(account: Account, *, cause: DeletionCause, at: datetime, tells: bool = True) -> None:
    """Without a lock period: nobody has used it, or it was deleted before and came back with a backup."""
    deletion = queries.deletion_under_way(account) or _begin(account, cause, at=at, deletes_at=at)
    delete(deletion, at=at, tells=tells)


def replay(account_ids: Iterable[UUID], *, at: datetime) -> int:
    """After a backup was put back: what was deleted since is deleted again. Returns how many there were."""
    number = 0
    for account_id in account_ids:
        account = db.session.get(Account, account_id)
        if account is not None and account.email is not None:
            delete_now(account, cause=DeletionCause.OWNER, at=at, tells=False)
            number += 1
    return number


def _tell_stopped(account: Account, *, by: Account | None, at: datetime) -> None:
    _record_stopped(account, by=by, at=at)
    publish(DeletionStopped(subject_id=account.id, actor_id=by.id if by else None, occurred_at=at))


def _begin(account: Account, cause: DeletionCause, *, at: datetime, deletes_at: datetime) -> AccountDeletion:
    deletion_id = new_id()
    deletion = AccountDeletion(
        id=deletion_id,
        account=account,
        account_id=account.id,
        cause=cause,
        requested_at=at,
        deletes_at=deletes_at,
        token_hash=token_hash(_token(deletion_id)),
    )
    db.session.add(deletion)
    db.session.flush()
    return deletion


def token_of(deletion: AccountDeletion) -> str:
    return _token(deletion.id)


def _token(deletion_id: UUID) -> str:
    """256 bits that can be written again into later mails, though the row holds only their hash."""
    mac = hmac.digest(derived_key("stop deletion"), deletion_id.bytes, "sha256")
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _stop(conditions: Iterable[sa.ColumnElement[bool]], *, at: datetime) -> _Stopped | None:
    """The link that was sent by mail is dead with it."""
    found = db.session.execute(
        sa.update(AccountDeletion)
        .where(*conditions)
        .values(stopped_at=at)
        .returning(AccountDeletion.account_id, AccountDeletion.requested_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return _Stopped(*found) if found is not None else None


def _open(account: Account, stopped: _Stopped) -> None:
    if account.locked_at == stopped.requested_at:  # else somebody has locked it for another reason
        accounts.unlock(account)


def _record_stopped(account: Account, *, by: Account | None, at: datetime) -> None:
    record(Action.DELETION_STOPPED, account.id, authority_id=None, by=by, at=at)


def _tell_authorities(account: Account, *, at: datetime) -> None:
    """Whoever still works on a request must know that nobody reads the postbox any more."""
    for running in queries.running_requests(account):
        history.note(running, EventKind.ACCOUNT_ENDED, by=None, at=at)
    db.session.flush()


def _remove_rows(account_id: UUID) -> None:
    found = rows_of(account_id, but_what_stays=True)
    for table in reversed(Base.metadata.sorted_tables):
        if table.name == Account.__tablename__:
            continue
        for condition in matching(table, found.get(table.name, set())):
            db.session.execute(sa.delete(table).where(condition))


def _empty(account: Account, *, at: datetime) -> None:
    """Id, kind and times stay. Without the key nothing that was sealed with it opens."""
    db.session.refresh(account)
    account.destroy_data_key()
    account.email_sealed, account.email_index = b"", os.urandom(32)
    account.language = account.demo_label = account.last_signed_in_at = None
    account.locked_at = account.locked_at or at
