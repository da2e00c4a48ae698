"""From a request to sign in somewhere else to what that website may read."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core.db import Base
from servicekonto.core.sealing import HasDataKey, sealed_text
from servicekonto.oidc.client_models import Client


class Interaction(HasDataKey, Base):
    """One authorization request on its way through sign-in and consent: many tabs may have one each.

    ``browser_hash``: of a cookie that only the browser that began it has. ``session_hash``: of the session's
    token when the browser first came back with its cookies (``seen_at``); another one now means that the
    person has proved since who they are. Times are not compared: two things may happen in one moment.

    ``is_pushed``: the website has left it here (RFC 9126) and no browser has come with it yet; until then
    ``browser_hash`` is of the reference that was given out. ``hinted_sub``: whom the website means.
    ``login_hint``: an address. ``has_chosen``: the person goes on with the account that is signed in.
    """

    __tablename__ = "oidc_interaction"

    client_id: Mapped[UUID] = mapped_column(sa.ForeignKey("oidc_client.id", ondelete="CASCADE"))
    browser_hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    session_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    parameters: Mapped[dict[str, Any]]
    is_pushed: Mapped[bool]
    hinted_sub: Mapped[str | None] = mapped_column(sa.String(43))
    login_hint_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    has_chosen: Mapped[bool]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    done_at: Mapped[datetime | None]

    client: Mapped[Client] = relationship(Client)

    login_hint = sealed_text("login_hint_sealed")


class Grant(Base):
    """What a person allowed a website once. Revoking it ends every code and token that came of it.

    ``session_id``: of the sign-in it belongs to; ``sid``: what the website calls that. ``sub``: what the
    website calls the account. ``scopes`` as granted; ``claims``: what was granted one by one, from
    ``userinfo`` and ``id_token`` to lists of names. ``acr`` as published in the ID token. Where a refresh
    token outlives the days for which sign-ins are kept,
    ``session_id``, ``sid`` and ``authenticated_at`` are forgotten, and of ``created_at`` the day is left.
    """

    __tablename__ = "oidc_grant"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[UUID] = mapped_column(sa.ForeignKey("oidc_client.id", ondelete="CASCADE"))
    session_id: Mapped[UUID | None] = mapped_column(index=True)
    sid: Mapped[str | None] = mapped_column(sa.String(43))
    sub: Mapped[str] = mapped_column(sa.String(43))
    scopes: Mapped[list[str]]
    claims: Mapped[dict[str, Any] | None]
    level: Mapped[AssuranceLevel]
    authenticated_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(Account)
    client: Mapped[Client] = relationship(Client)

    def claims_for(self, place: str) -> list[str]:
        """``userinfo`` or ``id_token``: beside what the scopes give."""
        return list((self.claims or {}).get(place, []))


class AuthorizationCode(Base):
    """Exchanged once within a minute, by the same client, for the same redirect URI, with the verifier.

    ``dpop_jkt``: thumbprint of the only key with which it may be exchanged.
    """

    __tablename__ = "oidc_authorization_code"

    grant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("oidc_grant.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    redirect_uri: Mapped[str]
    nonce: Mapped[str | None]
    code_challenge: Mapped[str | None]
    dpop_jkt: Mapped[str | None] = mapped_column(sa.String(43))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    grant: Mapped[Grant] = relationship(Grant)


class AccessToken(Base):
    """Opaque: 256 random bits, stored hashed. ``scopes``: when fewer than those of the grant were wanted.

    ``jkt``: thumbprint of the key without whose proof it is worth nothing (RFC 9449). None: a bearer token.
    """

    __tablename__ = "oidc_access_token"

    grant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("oidc_grant.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    scopes: Mapped[list[str] | None]
    jkt: Mapped[str | None] = mapped_column(sa.String(43))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    grant: Mapped[Grant] = relationship(Grant)


class RefreshToken(Base):
    """The family of refresh tokens of a grant: one row, which always knows the newest alone.

    All tokens of a family begin with the same 256 random bits (``family_hash``) and end with others
    (``token_hash``). So one that begins right and ends wrong was used before, however long ago, and no list
    of uses has to be kept. ``expires_at``: when it is not used until then, always a midnight, so that it does
    not tell when the last one was given out. ``jkt``: of the key of an app,
    without whose proof it is worth nothing; a website with a server proves anyway who it is.
    """

    __tablename__ = "oidc_refresh_token"

    grant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("oidc_grant.id", ondelete="CASCADE"), unique=True)
    family_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    jkt: Mapped[str | None] = mapped_column(sa.String(43))
    expires_at: Mapped[datetime] = mapped_column(index=True)

    grant: Mapped[Grant] = relationship(Grant)


class WebsiteConsent(Base):
    """Which data a website asked for, and which of them a person lets it have. A withdrawn one stays as
    history. ``last_used_at`` is forgotten with the grants.

    Everything else is kept for as long as the account, so it knows days and no moments (midnight in UTC, also
    in the id no time): ``given_at``, ``withdrawn_at``, ``connected_at``, which is the day of the first
    consent of those that have followed each other.

    ``asked`` and ``scopes`` are scopes; ``asked_claims`` and ``claims`` what was asked for one by one.
    ``version``: of what scopes meant then.
    """

    __tablename__ = "oidc_consent"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    client_id: Mapped[UUID] = mapped_column(sa.ForeignKey("oidc_client.id", ondelete="CASCADE"))
    asked: Mapped[list[str]]
    scopes: Mapped[list[str]]
    asked_claims: Mapped[list[str]]
    claims: Mapped[list[str]]
    version: Mapped[int]
    connected_at: Mapped[datetime]
    given_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    client: Mapped[Client] = relationship(Client)

    __table_args__ = (sa.Index(None, "account_id", "client_id"),)
