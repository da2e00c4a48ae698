"""What proves a document. Open to everybody, so nothing leads from here to a request or a person."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.authorities.models import Authority
from servicekonto.core.db import Base


class DocumentProof(Base):
    """Kept when the document itself is deleted: whoever holds a copy can still have it verified.

    ``code_index`` is a keyed fingerprint of the printed code: who reads this table cannot print codes.
    ``dated`` is the date on the document; ``sha512`` that of its bytes.
    """

    __tablename__ = "document_proof"

    code_index: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    sha512: Mapped[str] = mapped_column(sa.String(128), index=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"))
    dated: Mapped[datetime]

    authority: Mapped[Authority] = relationship()
