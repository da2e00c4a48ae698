"""What is said about a request: messages both ways, questions, notes of clerks, text templates."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.accounts.models import Account
from servicekonto.authorities.models import Authority
from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_json, sealed_text
from servicekonto.service_requests.models import ServiceRequest


class RequestMessage(Base):
    """One message of the conversation. It has the key of the request: the next authority can read it too.

    ``authority_id`` None: the citizen wrote it. What an authority writes also lies in the citizen's postbox.
    """

    __tablename__ = "request_message"

    service_request_id: Mapped[UUID] = mapped_column(sa.ForeignKey("service_request.id", ondelete="CASCADE"))
    authority_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("authority.id"))
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    body_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]  # by the authority, of what a citizen wrote

    service_request: Mapped[ServiceRequest] = relationship()
    authority: Mapped[Authority | None] = relationship()

    body = sealed_text("body_sealed")

    __table_args__ = (sa.Index(None, "service_request_id", "sent_at"),)

    def key_owner(self) -> HasDataKey:
        return self.service_request


class InternalNote(Base):
    """Between clerks of one authority. Neither the citizen nor another authority ever reads it."""

    __tablename__ = "internal_note"

    service_request_id: Mapped[UUID] = mapped_column(sa.ForeignKey("service_request.id", ondelete="CASCADE"))
    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"))
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    body_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    written_at: Mapped[datetime]

    service_request: Mapped[ServiceRequest] = relationship()

    body = sealed_text("body_sealed")

    __table_args__ = (sa.Index(None, "service_request_id", "written_at"),)

    def key_owner(self) -> HasDataKey:
        return self.service_request


class InformationRequest(Base):
    """Questions about single answers. ``asked``: list of path and reason; ``input``: what is typed so far.

    ``before`` and ``after`` are all answers around the reply and stay for good. At most one is waiting.
    """

    __tablename__ = "information_request"

    service_request_id: Mapped[UUID] = mapped_column(sa.ForeignKey("service_request.id", ondelete="CASCADE"))
    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"))
    asked_by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    asked_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    text_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    input_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    before_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    after_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # answered, or nobody waits for it any more

    service_request: Mapped[ServiceRequest] = relationship()
    asked_by: Mapped[Account] = relationship()

    asked = sealed_json("asked_sealed")
    text = sealed_text("text_sealed")
    input = sealed_json("input_sealed")
    before = sealed_json("before_sealed")
    after = sealed_json("after_sealed")

    __table_args__ = (
        sa.Index(None, "service_request_id", "asked_at"),
        sa.Index(
            "uq_information_request_waiting", "service_request_id", unique=True,
            sqlite_where=sa.text("ended_at is null"), postgresql_where=sa.text("ended_at is null"),
        ),
    )  # fmt: skip

    def key_owner(self) -> HasDataKey:
        return self.service_request

    @property
    def paths(self) -> dict[str, str]:
        """Path of a field → why it is asked about."""
        asked: list[dict[str, Any]] = self.asked or []
        return {str(item["path"]): str(item["reason"]) for item in asked}


class TextTemplate(Base):
    """A text an authority writes often. Placeholders such as ``{name}`` are replaced; nothing is executed."""

    __tablename__ = "text_template"

    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"))
    title: Mapped[str] = mapped_column(sa.String(120))
    body: Mapped[str] = mapped_column(sa.Text)
    changed_by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    changed_at: Mapped[datetime]

    __table_args__ = (sa.UniqueConstraint("authority_id", "title"),)
