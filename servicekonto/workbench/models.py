"""What staff keep for their own work."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.core.db import Base


class SavedView(Base):
    """A filter of the inbox. ``arguments`` as in the address: never a search, so no citizen's name."""

    __tablename__ = "saved_view"

    staff_member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff_member.id"))
    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    arguments: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    __table_args__ = (sa.UniqueConstraint("staff_member_id", "name"),)


class BulkAct(StrEnum):
    ASSIGN = "assign"
    CLOSE = "close"


class BulkResult(StrEnum):
    DONE = "done"
    UNCHANGED = "unchanged"
    WRONG_STATUS = "wrong_status"
    NOT_YOURS = "not_yours"
    GONE = "gone"


class BulkReport(Base):
    """What became of each of several requests. ``results``: request id → BulkResult."""

    __tablename__ = "bulk_report"

    staff_member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff_member.id"))
    authority_id: Mapped[UUID] = mapped_column(sa.ForeignKey("authority.id"))
    act: Mapped[BulkAct]
    results: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    __table_args__ = (sa.Index(None, "created_at"),)
