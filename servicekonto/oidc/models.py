"""From a request to sign in somewhere else to what that website may read."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core.db import Base
from servicekonto.oidc.client_models import Client


class Interaction(Base):
    """One authorization request on its way through sign-in and consent: many tabs may have one each.

    ``browser_hash``: of a cookie that only the browser that began it has. ``session_hash``: of the session's
    token when the browser first came back with its cookies (``seen_at``); another one now means that the
    person has proved since who they are. Times are not compared: two things may happen in one moment.
    """

    __tablename__ = "oidc_interaction"

    client_id: Mapped[UUID] = mapped_column(sa.ForeignKey("oidc_client.id", ondelete="CASCADE"))
    browser_hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    session_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    parameters: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    done_at: Mapped[datetime | None]

    client: Mapped[Client] = relationship(Client)


class Grant(Base):
    """What a person allowed a website once. Revoking it ends every code and token that came of it.

    ``session_id``: of the sign-in it belongs to; ``sid``: what the website calls it. ``scopes`` as granted.
    ``acr`` as published in the ID token.
    """

    __tablename__ = "oidc_grant"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[UUID] = mapped_column(sa.ForeignKey("oidc_client.id", ondelete="CASCADE"))
    session_id: Mapped[UUID | None] = mapped_column(index=True)
    sid: Mapped[str | None] = mapped_column(sa.String(43))
    scopes: Mapped[list[str]]
    level: Mapped[AssuranceLevel]
    authenticated_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(Account)
    client: Mapped[Client] = relationship(Client)


class AuthorizationCode(Base):
    """Exchanged once within a minute, by the same client, for the same redirect URI, with the verifier."""

    __tablename__ = "oidc_authorization_code"

    grant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("oidc_grant.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    redirect_uri: Mapped[str]
    nonce: Mapped[str | None]
    code_challenge: Mapped[str | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    grant: Mapped[Grant] = relationship(Grant)


class AccessToken(Base):
    """Opaque: 256 random bits, stored hashed, for UserInfo alone."""

    __tablename__ = "oidc_access_token"

    grant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("oidc_grant.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    grant: Mapped[Grant] = relationship(Grant)


class WebsiteConsent(Base):
    """Which data a website asked for, and which of them a person lets it have. A withdrawn one stays as
    history. ``last_used_at`` is forgotten with the grants.
    """

    __tablename__ = "oidc_consent"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    client_id: Mapped[UUID] = mapped_column(sa.ForeignKey("oidc_client.id", ondelete="CASCADE"))
    asked: Mapped[list[str]]
    scopes: Mapped[list[str]]
    given_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    client: Mapped[Client] = relationship(Client)

    __table_args__ = (sa.Index(None, "account_id", "client_id"),)
