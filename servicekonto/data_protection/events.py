"""What happened to somebody's data. ``subject_id`` is the account.

Three events carry the token of the link that stops a deletion; whoever stores it seals it.
"""

from dataclasses import dataclass, field
from datetime import datetime

from servicekonto.core.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ExportReady(DomainEvent):
    """Mail: the copy can be fetched in the account until ``expires_at``. ``deletes_at``: the account is
    locked, because its deletion was announced; whoever wants the copy stops that with this link.
    """

    expires_at: datetime
    deletes_at: datetime | None = None
    link_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class DeletionRequested(DomainEvent):
    """Mail: the account ends at ``deletes_at``; this link stops it."""

    deletes_at: datetime
    link_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class DeletionNear(DomainEvent):
    """Mail: a few days are left."""

    deletes_at: datetime
    link_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class DeletionStopped(DomainEvent):
    """Mail: the account goes on, sign in again."""


@dataclass(frozen=True, kw_only=True)
class AccountDeleted(DomainEvent):
    """Published while address and key are still there. Mail: it is done."""


@dataclass(frozen=True, kw_only=True)
class AccountUnused(DomainEvent):
    """Mail: nobody has signed in for long; the account ends at ``ends_at`` unless somebody does."""

    ends_at: datetime
