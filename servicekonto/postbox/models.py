"""Messages to a citizen. What is said stays in the account; mails only say that there is news."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_text


class Message(HasDataKey, Base):
    """Has a data key of its own: it outlives neither the account nor a deletion of the request.

    ``document_kind`` names the document of the request that came with it. ``first_read_at`` is never changed.
    """

    __tablename__ = "message"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"))
    service_request_id: Mapped[UUID] = mapped_column(sa.ForeignKey("service_request.id", ondelete="CASCADE"))
    document_kind: Mapped[str | None] = mapped_column(sa.String(40))
    sender: Mapped[str] = mapped_column(sa.String(200))
    subject_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    body_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    provided_at: Mapped[datetime]
    first_read_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]

    subject = sealed_text("subject_sealed")
    body = sealed_text("body_sealed")

    __table_args__ = (
        sa.Index(None, "account_id", "provided_at", "id"),
        sa.Index(None, "account_id", "id"),
        sa.Index(None, "account_id", "authority_id", "id"),
        sa.UniqueConstraint("service_request_id", "document_kind"),
    )
