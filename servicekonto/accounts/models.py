"""Accounts and what belongs to one person: attributes, password, sessions, one-time links."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_json, sealed_text


class AccountKind(StrEnum):
    CITIZEN = "citizen"
    STAFF = "staff"
    OPERATOR = "operator"


class AssuranceLevel(StrEnum):
    """How surely something is known (BSI TR-03160-1): ``basic`` was entered and never verified."""

    BASIC = "basic"
    LOW = "low"
    SUBSTANTIAL = "substantial"
    HIGH = "high"


class Account(HasDataKey, Base):
    """Everybody who acts has one: citizens, staff, operators. A clerk's private account is another.

    ``demo_label``: a demonstration offers it under this text on the sign-in page, without a password.
    ``last_signed_in_at``: accounts that nobody uses end; None until the first time.
    """

    __tablename__ = "account"

    kind: Mapped[AccountKind]
    email_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    email_index: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    language: Mapped[str | None] = mapped_column(sa.String(8))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    last_signed_in_at: Mapped[datetime | None]
    demo_label: Mapped[str | None] = mapped_column(sa.String(120))
    version: Mapped[int] = mapped_column()

    attributes: Mapped[list["PersonalAttribute"]] = relationship(
        back_populates="account", passive_deletes=True, cascade="all, delete-orphan"
    )

    email = sealed_text("email_sealed")

    __mapper_args__ = {"version_id_col": version}

    # What Flask-Login asks for. Its UserMixin is untyped, so it is spelled out here.
    is_active = True
    is_authenticated = True
    is_anonymous = False

    def get_id(self) -> str:
        return str(self.id)


class PersonalAttribute(Base):
    """One fact about the person, with the level at which it was verified and by what."""

    __tablename__ = "personal_attribute"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(60))
    value_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    level: Mapped[AssuranceLevel]
    source: Mapped[str] = mapped_column(sa.String(60))
    updated_at: Mapped[datetime]

    account: Mapped[Account] = relationship(back_populates="attributes")

    value = sealed_json("value_sealed")

    __table_args__ = (sa.UniqueConstraint("account_id", "name"),)

    def key_owner(self) -> HasDataKey:
        return self.account


class PasswordCredential(Base):
    """Argon2id of the peppered password, in the standard encoded form."""

    __tablename__ = "credential_password"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    encoded_hash: Mapped[str]
    changed_at: Mapped[datetime]


class LoginSession(Base):
    """A signed-in browser. The cookie holds a random token, this row only its hash.

    ``device`` is what the owner recognises it by: "Firefox, Windows".
    """

    __tablename__ = "login_session"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    level: Mapped[AssuranceLevel]
    created_at: Mapped[datetime]
    authenticated_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    device: Mapped[str | None] = mapped_column(sa.String(60))

    account: Mapped[Account] = relationship()


class OneTimeLinkPurpose(StrEnum):
    CONFIRM_EMAIL = "confirm_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, not a password


class OneTimeLink(Base):
    """Sent by mail; used once.

    ``password_hash``: what confirming this very link puts in force. Somebody who registers a foreign address
    cannot smuggle their password into the account that its owner confirms.
    """

    __tablename__ = "one_time_link"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[OneTimeLinkPurpose]
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginThrottle(Base):
    """Counters of attempts. ``subject`` is a keyed fingerprint (of an address, an account, a network).

    ``scope`` names the rule in ``throttle.RULES``.
    """

    __tablename__ = "login_throttle"

    scope: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[bytes] = mapped_column(sa.LargeBinary)
    attempts: Mapped[int] = mapped_column(default=0)
    window_started_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]

    __table_args__ = (sa.UniqueConstraint("scope", "subject"), sa.Index(None, "window_started_at"))
