"""A request, its history and its decision."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.accounts.models import Account
from servicekonto.authorities.models import Authority, StaffMember, Unit
from servicekonto.catalogue.models import ServiceVersion
from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_json, sealed_text
from servicekonto.files.models import SealedDocument
from servicekonto.service_requests.status import Status

_OPEN = sa.text(
    "status in ('received', 'in_review', 'information_requested', 'decision_proposed', 'decided')"
)
_DRAFT = sa.text("status = 'draft'")


class ServiceRequest(HasDataKey, Base):
    """A request (Antrag) for one service. While it is a draft, ``input`` holds what was typed;
    with the submission ``answers`` holds the typed values for good and ``input`` is emptied.

    Actor, subject and signer are different people in general: ``account`` is who clicked, ``subject_account``
    for whom it is, ``signer_account`` who declared it.

    ``received_at`` is the receipt at the authority that has it now; ``first_received_at`` is set when that is
    not the first one. ``unread_count``: what the citizen has said and nobody at the authority has read yet.
    """

    __tablename__ = "service_request"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    subject_account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    signer_account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    case_id: Mapped[UUID] = mapped_column(default=uuid4)  # UUIDv4: leaves the house (FIT-Connect)
    service_key: Mapped[str] = mapped_column(sa.String(60))
    service_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("service_version.id"))
    authority_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("authority.id"))
    unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("unit.id"))
    assignee_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("staff_member.id"))
    status: Mapped[Status] = mapped_column(default=Status.DRAFT)
    reference: Mapped[str | None] = mapped_column(sa.String(24), unique=True)
    input_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    answers_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    applicant_name_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    competence_reason: Mapped[str | None] = mapped_column(sa.String(500))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    first_received_at: Mapped[datetime | None]
    unread_count: Mapped[int] = mapped_column(default=0, server_default="0")
    event_count: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column()

    account: Mapped[Account] = relationship(foreign_keys=account_id)
    service_version: Mapped[ServiceVersion] = relationship()
    authority: Mapped[Authority | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    assignee: Mapped[StaffMember | None] = relationship()
    history: Mapped[list["RequestEvent"]] = relationship(
        order_by="RequestEvent.sequence", back_populates="service_request"
    )
    decision: Mapped["Decision | None"] = relationship(back_populates="service_request")

    input = sealed_json("input_sealed")
    answers = sealed_json("answers_sealed")
    applicant_name = sealed_text("applicant_name_sealed")

    __table_args__ = (
        sa.CheckConstraint(
            "status = 'draft' or (reference is not null and submitted_at is not null"
            " and authority_id is not null and unit_id is not null)",
            name="submitted_is_complete",
        ),
        sa.Index(None, "account_id", "updated_at"),
        sa.Index(
            "ix_service_request_open", "authority_id", "unit_id", "received_at", "id",
            "status", "service_key", "assignee_id",  # counted without looking at the rows
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        sa.Index("ix_service_request_draft", "updated_at", sqlite_where=_DRAFT, postgresql_where=_DRAFT),
        sa.Index("ix_service_request_archive", "authority_id", "unit_id", "received_at", "id"),
    )  # fmt: skip
    __mapper_args__ = {"version_id_col": version}  # of two concurrent changes the second fails


class EventKind(StrEnum):
    CREATED = "created"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    TAKEN = "taken"
    ASSIGNED = "assigned"
    RELEASED = "released"
    DECISION_PROPOSED = "decision_proposed"
    PROPOSAL_RETURNED = "proposal_returned"
    DECIDED = "decided"
    NOTIFIED = "notified"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    MESSAGE_FROM_CITIZEN = "message_from_citizen"
    MESSAGE_FROM_AUTHORITY = "message_from_authority"
    INFORMATION_REQUESTED = "information_requested"
    INFORMATION_PROVIDED = "information_provided"
    REVIEW_RESUMED = "review_resumed"
    FORWARDED = "forwarded"
    PLACE_CONFIRMED = "place_confirmed"
    PLACE_AWAITED = "place_awaited"
    PLACE_FREED = "place_freed"
    ACCOUNT_ENDED = "account_ended"


class RequestEvent(Base):
    """What happened, when, by whom. Append-only; the only record of progress.

    ``payload`` holds identifiers and codes, never personal data. ``sequence`` orders events of one moment.
    """

    __tablename__ = "request_event"

    service_request_id: Mapped[UUID] = mapped_column(sa.ForeignKey("service_request.id", ondelete="CASCADE"))
    sequence: Mapped[int]
    kind: Mapped[EventKind]
    from_status: Mapped[Status | None]
    to_status: Mapped[Status | None]
    actor_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    is_public: Mapped[bool]
    payload: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime]

    service_request: Mapped[ServiceRequest] = relationship(back_populates="history")

    __table_args__ = (sa.UniqueConstraint("service_request_id", "sequence"),)


class NameToken(Base):
    """Blind index of names, so that a clerk finds a request by the exact name without names in clear."""

    __tablename__ = "service_request_name"

    service_request_id: Mapped[UUID] = mapped_column(sa.ForeignKey("service_request.id", ondelete="CASCADE"))
    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"))
    token: Mapped[bytes] = mapped_column(sa.LargeBinary)
    received_at: Mapped[datetime]

    __table_args__ = (
        sa.UniqueConstraint("service_request_id", "token"),
        sa.Index("ix_service_request_name_lookup", "authority_id", "token", "received_at"),
    )


class Outcome(StrEnum):
    GRANTED = "granted"
    GRANTED_IN_PART = "granted_in_part"
    REFUSED = "refused"
    SETTLED = "settled"


class Decision(Base):
    """Proposed by one person, approved by another. A returned proposal is replaced by the next one."""

    __tablename__ = "decision"

    service_request_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("service_request.id", ondelete="CASCADE"), unique=True
    )
    outcome: Mapped[Outcome]
    reasons_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    return_reason_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    proposed_by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    approved_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]

    service_request: Mapped[ServiceRequest] = relationship(back_populates="decision")
    proposed_by: Mapped[Account] = relationship(foreign_keys=proposed_by_id)

    reasons = sealed_text("reasons_sealed")
    return_reason = sealed_text("return_reason_sealed")

    __table_args__ = (
        sa.CheckConstraint("approved_by_id is null or approved_by_id <> proposed_by_id", name="four_eyes"),
        sa.CheckConstraint("(approved_by_id is null) = (approved_at is null)", name="approval_is_whole"),
    )

    def key_owner(self) -> HasDataKey:
        return self.service_request


class RequestDocument(SealedDocument, Base):
    """Bytes handed out for a request (receipt, decision), stored once and never changed.

    ``proof_code`` is printed in it; documents from before there were codes have none.
    """

    __tablename__ = "request_document"

    service_request_id: Mapped[UUID] = mapped_column(sa.ForeignKey("service_request.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(sa.String(40))
    proof_code_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    service_request: Mapped[ServiceRequest] = relationship()

    proof_code = sealed_text("proof_code_sealed")

    __table_args__ = (sa.UniqueConstraint("service_request_id", "kind"),)

    def key_owner(self) -> HasDataKey:
        return self.service_request
