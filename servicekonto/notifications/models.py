"""Mails say that there is news, not what it is."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_text


class Mail(HasDataKey, Base):
    """Has a data key of its own, so that it can be wiped alone. Its text may hold a link that signs in.

    ``account_id`` None: to somebody who has no account yet.

    ``message_id`` (RFC 5322) stays the same whenever it is sent, so that a receiver can see a repetition.
    """

    __tablename__ = "mail"

    account_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    template: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(200))
    to_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    body_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    message_id: Mapped[str] = mapped_column(sa.String(300), unique=True)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    to = sealed_text("to_sealed")
    body = sealed_text("body_sealed")

    __table_args__ = (sa.Index(None, "created_at", "id"),)

    def wipe(self) -> None:
        """For good: the address and the text go, that there was a mail stays."""
        self.to = self.body = None
        self.destroy_data_key()
