"""Accounts and what belongs to one person: attributes, password, sessions, one-time links."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_json, sealed_text

_OPEN = sa.text("ended_at is null")


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

    def reaches(self, other: "AssuranceLevel") -> bool:
        return RANKS[self] >= RANKS[other]


RANKS = {level: number for number, level in enumerate(AssuranceLevel)}
"""From the lowest to the highest."""


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
    """One fact about the person, with the level at which it was verified and by what.

    ``to_confirm``: other facts were verified for the first time, and the owner has not looked this one over
    since (TR-03160-1 § 5.1: a stranger may have planted it before).
    """

    __tablename__ = "personal_attribute"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(60))
    value_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    level: Mapped[AssuranceLevel]
    source: Mapped[str] = mapped_column(sa.String(60))
    updated_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    to_confirm: Mapped[bool] = mapped_column(default=False)

    account: Mapped[Account] = relationship(back_populates="attributes")

    value = sealed_json("value_sealed")

    __table_args__ = (sa.UniqueConstraint("account_id", "name"),)

    def key_owner(self) -> HasDataKey:
        return self.account


class LoginSession(Base):
    """A signed-in browser. The cookie holds a random token, this row only its hash.

    ``device`` is what the owner recognises it by: "Firefox, Windows". ``level`` was reached at
    ``level_since`` and is lost when its limits are over (``sessions.level_at``); ``authenticated_at`` is the
    last proof of whatever strength.
    """

    __tablename__ = "login_session"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    level: Mapped[AssuranceLevel]
    level_since: Mapped[datetime]
    created_at: Mapped[datetime]
    authenticated_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    device: Mapped[str | None] = mapped_column(sa.String(60))

    account: Mapped[Account] = relationship()

    __table_args__ = (
        sa.Index("ix_login_session_open", "authenticated_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )


class OneTimeLinkPurpose(StrEnum):
    """``THAT_WAS_NOT_ME`` locks; ``CONFIRM_NEW_EMAIL`` goes to the new address; the others let somebody
    in.
    """

    CONFIRM_EMAIL = "confirm_email"
    CONFIRM_NEW_EMAIL = "confirm_new_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, not a password
    RESET_ACCOUNT = "reset_account"
    FINISH_RESET = "finish_reset"
    STOP_RESET = "stop_reset"
    THAT_WAS_NOT_ME = "that_was_not_me"


class OneTimeLink(Base):
    """Sent by mail; used once.

    ``password_hash``: what confirming this very link puts in force. Somebody who registers a foreign address
    cannot smuggle their password into the account that its owner confirms. ``subject_id``: the row the link
    is about, such as the change of the address.
    """

    __tablename__ = "one_time_link"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[OneTimeLinkPurpose]
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    password_hash: Mapped[str | None]
    subject_id: Mapped[UUID | None]
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
