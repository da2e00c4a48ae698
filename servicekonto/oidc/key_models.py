"""The keys that ID tokens are signed with."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_bytes


class KeyFamily(StrEnum):
    """``EC``: P-256, for ES256. ``RSA``: 3072 bits, for PS256 and RS256. The values are JWK key types."""

    EC = "EC"
    RSA = "RSA"


class KeyState(StrEnum):
    """``next`` is published and does not sign yet, ``retired`` is published and does not sign any more,
    ``revoked`` is not even published.
    """

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"
    REVOKED = "revoked"


def _one_of_a_family(state: KeyState) -> sa.Index:
    condition = sa.text(f"state = '{state}'")
    name = f"uq_oidc_signing_key_{state}"
    return sa.Index(name, "family", unique=True, sqlite_where=condition, postgresql_where=condition)


class SigningKey(HasDataKey, Base):
    """``kid`` is the thumbprint of the key (RFC 7638). ``private_key`` is PKCS #8 in DER, under a data key of
    its own; it is destroyed as soon as the key has signed for the last time.

    ``delete_at`` is set when it retires or is revoked: the row goes then.
    """

    __tablename__ = "oidc_signing_key"

    kid: Mapped[str] = mapped_column(sa.String(43), unique=True)
    family: Mapped[KeyFamily]
    state: Mapped[KeyState]
    public_jwk: Mapped[dict[str, Any]]
    private_key_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    delete_at: Mapped[datetime | None]

    private_key = sealed_bytes("private_key_sealed")

    __table_args__ = (
        _one_of_a_family(KeyState.NEXT),
        _one_of_a_family(KeyState.ACTIVE),
        sa.CheckConstraint(
            "(state in ('next', 'active')) = (private_key_sealed is not null)"
            " and (state in ('next', 'active')) = (wrapped_key is not null)"
            " and (state in ('next', 'active')) = (delete_at is null)",
            name="private_while_it_may_sign",
        ),
        sa.CheckConstraint("(state = 'revoked') = (revoked_at is not null)", name="revoked_has_a_time"),
        sa.CheckConstraint(
            "state not in ('active', 'retired') or activated_at is not null", name="signed_since_a_time"
        ),
        sa.CheckConstraint("state <> 'retired' or retired_at is not null", name="retired_has_a_time"),
    )
