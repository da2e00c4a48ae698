"""Writing entries, and emptying them in the end. Commands of the packages above call ``record`` in their own
transaction.
"""

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from servicekonto.audit.actions import ABOUT_ACCOUNTS, DECLARED, Action, ObjectKind
from servicekonto.audit.models import AuditEntry
from servicekonto.core.db import db, execute, table_of

FIRST = UUID(int=0)
"""Smaller than every id."""

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,80}")

Value = UUID | date | str | int | None


class Actor(Protocol):
    """The account that clicked."""

    @property
    def id(self) -> UUID: ...


class PayloadError(ValueError):
    """A programming error: other keys than declared, something that is no identifier and no code, or an owner
    who would find no sentence for it.
    """


def record(
    action: Action,
    object_id: UUID,
    *,
    authority_id: UUID | None,
    by: Actor | None,
    at: datetime,
    account_id: UUID | None = None,
    **payload: Value | Collection[UUID] | Collection[str],
) -> None:
    """One entry, unsealed. Raises PayloadError and has then written nothing.

    ``account_id``: whose account it is about, for ``ABOUT_ACCOUNTS``; what is done to an account needs none.
    """
    declared = DECLARED[action]
    if payload.keys() != declared.keys:
        raise PayloadError(f"{action} takes {sorted(declared.keys)}, not {sorted(payload)}")
    if declared.object_kind is ObjectKind.ACCOUNT:
        account_id = account_id or object_id
    if (account_id is not None) is not (action in ABOUT_ACCOUNTS):
        raise PayloadError(f"{action}: whose account is it about?")
    db.session.add(
        AuditEntry(
            authority_id=authority_id,
            at=at,
            actor_id=by.id if by else None,
            account_id=account_id,
            action=action,
            object_kind=declared.object_kind,
            object_id=object_id,
            payload={name: _plain(name, value) for name, value in payload.items()},
        )
    )
    db.session.flush()


_ENTRY = table_of(AuditEntry)
_DUE = (
    sa.select(_ENTRY.c.id)
    .where(
        _ENTRY.c.id > sa.bindparam("after"),
        _ENTRY.c.sealed_at.is_not(None),
        _ENTRY.c.payload.is_not(None),
        _ENTRY.c.at <= sa.bindparam("before"),
    )
    .order_by(_ENTRY.c.id)
    .limit(sa.bindparam("at_most"))
)
_EMPTY = (
    sa.update(_ENTRY).where(_ENTRY.c.id.in_(sa.bindparam("ids", expanding=True))).values(payload=sa.null())
)


def empty_payloads(*, before: datetime, at_most: int, after: UUID = FIRST) -> list[UUID]:
    """Of sealed entries with larger ids than ``after``, in the worker's scope; their chain stays whole
    (``payload_hash``). Returns their ids in order: whoever goes on behind the last one looks at none twice.
    """
    values = {"after": after, "before": before, "at_most": at_most}
    ids = [row.id for row in execute(_DUE, values)]
    if ids:
        execute(_EMPTY, {"ids": ids})
    return ids


def _plain(name: str, value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, Collection) and not isinstance(value, str):
        return sorted(_plain(name, part) for part in value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    if not _CODE.fullmatch(text):
        raise PayloadError(f"{name} is no identifier and no code")
    return text
