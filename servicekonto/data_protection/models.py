"""What is remembered about the rights of a person: consents, copies of their data, the end of the account."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.accounts.models import Account
from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_bytes
from servicekonto.data_protection.purposes import Purpose


def _one_of_an_account(name: str, *columns: str, where: str) -> sa.Index:
    condition = sa.text(where)
    return sa.Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)


class Consent(Base):
    """One period in which somebody agreed to one purpose; ``withdrawn_at`` None: still. Never changed after.

    ``text_version``: of the text they agreed to, in ``purposes``.
    """

    __tablename__ = "consent"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    purpose: Mapped[Purpose]
    text_version: Mapped[int]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (
        _one_of_an_account("uq_consent_in_force", "account_id", "purpose", where="withdrawn_at is null"),
        sa.Index(None, "account_id", "given_at"),
        sa.CheckConstraint("withdrawn_at is null or withdrawn_at >= given_at", name="ends_after_start"),
    )


class DataExport(Base):
    """A copy of everything about one person, made by a worker. Sealed with the key of the account.

    ``steps_done`` of ``steps_total`` tables are written; ``steps_total`` 0: it has not begun yet.
    """

    __tablename__ = "data_export"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]
    steps_done: Mapped[int] = mapped_column(default=0)
    steps_total: Mapped[int] = mapped_column(default=0)
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    size: Mapped[int | None]
    file_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)

    account: Mapped[Account] = relationship()

    file = sealed_bytes("file_sealed")

    __table_args__ = (
        _one_of_an_account("uq_data_export_in_the_making", "account_id", where="ready_at is null"),
        sa.CheckConstraint(
            "(ready_at is null) = (expires_at is null) and (ready_at is null) = (file_sealed is null)",
            name="ready_is_whole",
        ),
    )

    def key_owner(self) -> HasDataKey:
        return self.account


class DeletionCause(StrEnum):
    OWNER = "owner"
    INACTIVITY = "inactivity"


class AccountDeletion(Base):
    """An account that ends, or has ended. Ids and times only: the row outlives what it is about.

    Between ``requested_at`` and ``deletes_at`` nobody signs in, and the link sent by mail stops it.
    """

    __tablename__ = "account_deletion"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    cause: Mapped[DeletionCause]
    requested_at: Mapped[datetime]
    deletes_at: Mapped[datetime]
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    reminded_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()

    __table_args__ = (
        _one_of_an_account("uq_account_deletion_not_stopped", "account_id", where="stopped_at is null"),
        sa.CheckConstraint("stopped_at is null or deleted_at is null", name="stopped_or_deleted"),
    )


class InactivityNotice(Base):
    """A reminder that was sent, so that it is sent once. ``counted_from``: the last use it was about."""

    __tablename__ = "inactivity_notice"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    counted_from: Mapped[datetime]
    days_before: Mapped[int]
    sent_at: Mapped[datetime]

    __table_args__ = (sa.UniqueConstraint("account_id", "counted_from", "days_before"),)
