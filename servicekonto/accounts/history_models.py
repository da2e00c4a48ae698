"""When and how somebody signed in, and from which browsers: for the eyes of the owner."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.core.db import Base


class Method(StrEnum):
    """By what somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105 - a method
    PASSWORD_AND_TOTP = "password_and_totp"  # noqa: S105
    PASSWORD_AND_RECOVERY_CODE = "password_and_recovery_code"  # noqa: S105
    PASSWORD_AND_PASSKEY = "password_and_passkey"  # noqa: S105
    PASSKEY = "passkey"
    DEMONSTRATION = "demonstration"


class Outcome(StrEnum):
    SIGNED_IN = "signed_in"
    CONFIRMED = "confirmed"  # again, while signed in
    REFUSED = "refused"


class SignInRecord(Base):
    """Written before the check as refused; what follows corrects it. Stays outside the audit chain: 90 days.

    ``device`` as in ``LoginSession``; no address of the network is kept.
    """

    __tablename__ = "sign_in_record"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    outcome: Mapped[Outcome]
    method: Mapped[Method]
    level: Mapped[AssuranceLevel | None]
    device: Mapped[str | None] = mapped_column(sa.String(60))

    __table_args__ = (sa.Index(None, "account_id", "at", "id"), sa.Index(None, "at"))


class KnownDevice(Base):
    """A browser that has signed in before. Its cookie is hashed with the account: two accounts that use one
    browser cannot be connected by it.
    """

    __tablename__ = "known_device"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    device: Mapped[str | None] = mapped_column(sa.String(60))
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)
