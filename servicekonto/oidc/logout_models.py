"""What became of telling websites that somebody has signed out."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.core.db import Base
from servicekonto.oidc.outgoing import Failure


class LogoutDelivery(Base):
    """One row for each website that was ever told something, for those who run the installation.

    ``failures``: since it was last reached. Who signed out is not here.
    """

    __tablename__ = "oidc_logout_delivery"

    client_row_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("oidc_client.id", ondelete="CASCADE"), unique=True
    )
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[Failure | None]
    failures: Mapped[int] = mapped_column(default=0)
