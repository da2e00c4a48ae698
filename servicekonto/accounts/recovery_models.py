"""The ways back: another address, and everything lost."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.accounts.models import Account
from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_text


class EmailChange(Base):
    """The owner wants another address. ``reverted_at``: the old address said that it was not them."""

    __tablename__ = "email_change"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    old_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    new_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    reverted_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(Account)

    old = sealed_text("old_sealed")
    new = sealed_text("new_sealed")

    def key_owner(self) -> HasDataKey:
        return self.account


class AccountReset(Base):
    """All factors are lost. It takes effect after a waiting period in which the owner can stop it."""

    __tablename__ = "account_reset"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    requested_at: Mapped[datetime]
    possible_from: Mapped[datetime] = mapped_column(index=True)
    notified: Mapped[int] = mapped_column(default=0)
