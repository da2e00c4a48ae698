"""Identity documents that were seen at a counter."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.accounts.models import Account
from servicekonto.authorities.models import Authority
from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_text


class DocumentKind(StrEnum):
    IDENTITY_CARD = "identity_card"
    PASSPORT = "passport"
    RESIDENCE_PERMIT = "residence_permit"


class IdentityCheck(Base):
    """The owner brings a code to the counter; a clerk who may do it confirms what the document says.

    ``code_index``: keyed fingerprint of the code, None once it was used. ``names`` of the confirmed
    attributes, not their values. ``staff_account_id``: who saw the document.
    """

    __tablename__ = "identity_check"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    code_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    code_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary, unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    authority_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("authority.id"))
    staff_account_id: Mapped[UUID | None]
    document_kind: Mapped[DocumentKind | None]
    names: Mapped[list[str]]

    account: Mapped[Account] = relationship(Account)
    authority: Mapped[Authority | None] = relationship(Authority)

    code = sealed_text("code_sealed")

    def key_owner(self) -> HasDataKey:
        return self.account
