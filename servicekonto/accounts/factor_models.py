"""What somebody signs in with. Each row is one factor; none of them counts before it was used once."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from servicekonto.accounts.models import Account
from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_bytes, sealed_json, sealed_text


class FactorKind(StrEnum):
    """The second words of addresses and the codes of audit entries."""

    PASSWORD = "password"  # noqa: S105 - a kind, not a password
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODES = "recovery_codes"


class FactorColumns:
    """``locked_at``: by the owner, or because it was guessed at too often. ``failures`` in a row."""

    locked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)


class _SecondFactor(FactorColumns):
    """``name_sealed``: how the owner calls it. ``confirmed_at`` None: not used yet, so it does not count."""

    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    @declared_attr
    def account_id(cls) -> Mapped[UUID]:  # noqa: N805 - SQLAlchemy calls it with the class
        return mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)

    @declared_attr
    def account(cls) -> Mapped[Account]:  # noqa: N805
        return relationship(Account)

    name = sealed_text("name_sealed")

    def key_owner(self) -> HasDataKey:
        return self.account


class PasswordCredential(FactorColumns, Base):
    """Argon2id of the peppered password, in the standard encoded form."""

    __tablename__ = "credential_password"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    encoded_hash: Mapped[str]
    changed_at: Mapped[datetime]


class TotpCredential(_SecondFactor, Base):
    """RFC 6238 with 160 bits, 30 s, SHA-1. ``last_step``: each step is accepted once (ASVS 6.5.1)."""

    __tablename__ = "credential_totp"

    secret_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    last_step: Mapped[int] = mapped_column(default=0)

    secret = sealed_bytes("secret_sealed")


class Passkey(_SecondFactor, Base):
    """WebAuthn. ``is_backup_eligible``: it may be copied to other devices, ``is_backed_up``: it has been.

    ``verifies_user``: it asked for a PIN or a biometric feature when it was registered.
    """

    __tablename__ = "credential_passkey"

    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int]
    transports: Mapped[list[str]]
    verifies_user: Mapped[bool]
    is_backup_eligible: Mapped[bool]
    is_backed_up: Mapped[bool]


class RecoveryCodes(_SecondFactor, Base):
    """A sheet of codes. ``clear_sealed`` is kept until the owner has typed one of them, to show the sheet."""

    __tablename__ = "recovery_codes"

    clear_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)

    codes: Mapped[list["RecoveryCode"]] = relationship(passive_deletes=True, cascade="all, delete-orphan")

    clear = sealed_json("clear_sealed")


class RecoveryCode(Base):
    """120 random bits, so a keyed fingerprint is enough (ASVS 6.5.2). Used once."""

    __tablename__ = "recovery_code"

    recovery_codes_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("recovery_codes.id", ondelete="CASCADE"), index=True
    )
    code_index: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    used_at: Mapped[datetime | None]


class UsedChallenge(Base):
    """A challenge of WebAuthn that was answered: the same answer is not taken twice."""

    __tablename__ = "used_challenge"

    challenge_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    used_at: Mapped[datetime] = mapped_column(index=True)
