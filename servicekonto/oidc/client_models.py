"""The websites and apps that sign their visitors in with us, and what each of them calls an account."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.accounts.models import AssuranceLevel
from servicekonto.core.db import Base


class ClientKind(StrEnum):
    """RFC 6749 § 2.1. Public: runs on the device of the citizen and can keep no secret."""

    CONFIDENTIAL = "confidential"
    PUBLIC = "public"


class AuthMethod(StrEnum):
    """``token_endpoint_auth_method`` of RFC 7591, by its registered names; the best one first."""

    PRIVATE_KEY = "private_key_jwt"
    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    NONE = "none"


WITH_SECRETS = frozenset({AuthMethod.BASIC, AuthMethod.POST})


class SubjectType(StrEnum):
    """OpenID Connect Core § 8. Pairwise: two websites cannot tell that they know the same person."""

    PAIRWISE = "pairwise"
    PUBLIC = "public"


class IdTokenAlg(StrEnum):
    """RS256 for software that can do nothing else: BSI TR-02102-1 advises against its padding."""

    ES256 = "ES256"
    PS256 = "PS256"
    RS256 = "RS256"


class KeyAgreement(StrEnum):
    """How the key that encrypts a token is agreed on (RFC 7518 § 4.1). No RSA1_5: its padding is an
    oracle.
    """

    ECDH_ES = "ECDH-ES"
    ECDH_ES_A256KW = "ECDH-ES+A256KW"
    RSA_OAEP_256 = "RSA-OAEP-256"


class ContentEncryption(StrEnum):
    """RFC 7518 § 5.1. The first is what OpenID Connect Registration § 2 takes when nothing is said."""

    A128CBC_HS256 = "A128CBC-HS256"
    A256GCM = "A256GCM"


class Client(Base):
    """A relying party. Its contact is an office, not a citizen: business data, no personal data of ours.

    ``client_id``: the public identifier of the protocol, 22 letters and digits. ``logo_text``: in place of a
    picture, which would be a request to somebody else; "" for none. ``purpose`` and
    ``purpose_en``: one sentence each for the page that asks for consent. ``sector_identifier``: the host for
    which ``sub`` is made (OpenID Connect Core § 8.1). It is set once, as are ``kind`` and ``subject_type``:
    another one would make everybody a stranger to the website. ``jwks``: ``{"keys": [public JWKs]}``.
    ``default_max_age``: in seconds, where a request says nothing (OpenID Connect Registration § 2).

    ``offline_access``: it may ask for refresh tokens. ``introspects_all``: it is a server that others bring
    their access tokens to, and may ask whether they are good. ``userinfo_signed_response_alg`` None: JSON.
    ``id_token_encrypted_response_alg`` None: not encrypted.
    ``backchannel_logout_uri`` "": it is not told when a session ends.
    """

    __tablename__ = "oidc_client"

    client_id: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    logo_text: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    purpose: Mapped[str] = mapped_column(sa.String(300))
    purpose_en: Mapped[str] = mapped_column(sa.String(300))
    contact_email: Mapped[str] = mapped_column(sa.String(254))
    home_page: Mapped[str] = mapped_column(sa.String(2000))
    kind: Mapped[ClientKind]
    token_endpoint_auth_method: Mapped[AuthMethod]
    redirect_uris: Mapped[list[str]]
    post_logout_redirect_uris: Mapped[list[str]]
    sector_identifier: Mapped[str] = mapped_column(sa.String(253))
    subject_type: Mapped[SubjectType]
    scopes: Mapped[list[str]]
    require_pkce: Mapped[bool]
    dpop_bound_access_tokens: Mapped[bool]
    require_pushed_authorization_requests: Mapped[bool]
    default_max_age: Mapped[int | None]
    min_level: Mapped[AssuranceLevel]
    id_token_alg: Mapped[IdTokenAlg]
    jwks: Mapped[dict[str, Any] | None]
    offline_access: Mapped[bool]
    introspects_all: Mapped[bool]
    userinfo_signed_response_alg: Mapped[IdTokenAlg | None]
    id_token_encrypted_response_alg: Mapped[KeyAgreement | None]
    id_token_encrypted_response_enc: Mapped[ContentEncryption | None]
    backchannel_logout_uri: Mapped[str] = mapped_column(sa.String(2000), default="", server_default="")
    backchannel_logout_session_required: Mapped[bool] = mapped_column(
        default=False, server_default=sa.false()
    )
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    secrets: Mapped[list["ClientSecret"]] = relationship(
        back_populates="client",
        passive_deletes=True,
        cascade="all, delete-orphan",
        order_by="ClientSecret.created_at, ClientSecret.id",
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.CheckConstraint(
            "(kind = 'public') = (token_endpoint_auth_method = 'none')", name="secret_where_it_can_be_kept"
        ),
        sa.CheckConstraint("kind <> 'public' or require_pkce", name="pkce_without_secret"),
        sa.CheckConstraint("min_level <> 'basic'", name="level_of_a_sign_in"),
    )

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None

    @property
    def has_secrets(self) -> bool:
        return self.token_endpoint_auth_method in WITH_SECRETS


class ClientSecret(Base):
    """256 random bits, so SHA-256 is enough. Several are valid at once while a website changes to a new one.

    ``last_characters``: four, to recognise it by. ``expires_at`` None: until somebody ends it.
    """

    __tablename__ = "oidc_client_secret"

    client_row_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("oidc_client.id", ondelete="CASCADE"), index=True
    )
    secret_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    last_characters: Mapped[str] = mapped_column(sa.String(4))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]

    client: Mapped[Client] = relationship(back_populates="secrets")

    def is_valid(self, at: datetime) -> bool:
        return self.expires_at is None or at < self.expires_at


class PairwiseSubject(Base):
    """What the websites of one sector call an account. Stored, so that a new key makes nobody a stranger.

    No times: when somebody was where is kept for days, this as long as the account. ``sector`` "" is for
    clients whose subjects are public.
    """

    __tablename__ = "pairwise_subject"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    sector: Mapped[str] = mapped_column(sa.String(253))
    sub: Mapped[str] = mapped_column(sa.String(43), unique=True)

    __table_args__ = (sa.UniqueConstraint("account_id", "sector"),)
