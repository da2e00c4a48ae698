"""The names (``jti``) of signed texts that were taken once and are taken no second time."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.core.db import Base


class SeenJti(Base):
    """``jti_hash``: SHA-256 over the kind of text, its signer and its name. Kept until the text itself has
    run out.
    """

    __tablename__ = "oidc_jti_seen"

    jti_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
