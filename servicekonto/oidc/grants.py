"""Codes and tokens. Everything hangs on the grant: revoked, nothing that came of it works any more.

Codes and tokens are 256 random bits and stored hashed.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core import retention
from servicekonto.core.db import db
from servicekonto.core.sealing import token_hash
from servicekonto.oidc import sids
from servicekonto.oidc.authorization import AuthorizationRequest
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.models import AccessToken, AuthorizationCode, Grant, WebsiteConsent

CODE_VALIDITY = timedelta(seconds=60)
TOKEN_VALIDITY = timedelta(minutes=5)
TOKEN_BYTES = 32


def issue_code(
    request: AuthorizationRequest,
    account: Account,
    *,
    scopes: Collection[str],
    level: AssuranceLevel,
    authenticated_at: datetime,
    session_id: UUID,
    at: datetime,
) -> str:
    """A new grant and its code, which exists nowhere else."""
    grant = Grant(
        account_id=account.id,
        client_id=request.client.id,
        session_id=session_id,
        sid=sids.sid_of(session_id, request.client),
        scopes=sorted(scopes),
        level=level,
        authenticated_at=authenticated_at,
        created_at=at,
        revoked_at=None,
    )
    db.session.add(grant)
    db.session.flush()
    code = secrets.token_urlsafe(TOKEN_BYTES)
    db.session.add(
        AuthorizationCode(
            grant_id=grant.id,
            code_hash=token_hash(code),
            redirect_uri=request.target.redirect_uri,
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            expires_at=at + CODE_VALIDITY,
            used_at=None,
        )
    )
    db.session.flush()
    return code


def find_code(code: str, client: Client) -> AuthorizationCode | None:
    """Of this client, used or not, locked until the end of the transaction: of several exchanges one wins."""
    return db.session.scalar(
        sa.select(AuthorizationCode)
        .join(AuthorizationCode.grant)
        .where(AuthorizationCode.code_hash == token_hash(code), Grant.client_id == client.id)
        .with_for_update(of=AuthorizationCode)
    )


def use_code(code: AuthorizationCode, *, at: datetime) -> bool:
    """False when it was used before, which ends everything that came of it (RFC 6749 § 4.1.2), or ran out. So
    too when the end of its session was told: the website would never learn of it.
    """
    unused = sa.update(AuthorizationCode).where(
        AuthorizationCode.id == code.id,
        AuthorizationCode.used_at.is_(None),
        sids.is_not_over(code.grant.session_id),
    )
    done = db.session.execute(unused.values(used_at=at), execution_options={"synchronize_session": "fetch"})
    if cast(sa.CursorResult[Any], done).rowcount != 1:
        revoke(code.grant, at=at)
        return False
    return code.expires_at > at and is_alive(code.grant)


def issue_access_token(grant: Grant, *, at: datetime) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    db.session.add(
        AccessToken(
            grant_id=grant.id, token_hash=token_hash(token), created_at=at, expires_at=at + TOKEN_VALIDITY
        )
    )
    db.session.flush()
    return token


def grant_of_access_token(token: str, *, at: datetime) -> Grant | None:
    """With its account and client, in one statement."""
    found = db.session.scalar(
        sa.select(Grant)
        .join(AccessToken, AccessToken.grant_id == Grant.id)
        .options(sa.orm.joinedload(Grant.account), sa.orm.joinedload(Grant.client))
        .where(AccessToken.token_hash == token_hash(token), AccessToken.expires_at > at)
    )
    return found if found is not None and is_alive(found) else None


def is_alive(grant: Grant) -> bool:
    """Also when the account was locked or the website disabled in the meantime: then it is not."""
    return grant.revoked_at is None and grant.account.locked_at is None and grant.client.is_enabled


def revoke(grant: Grant, *, at: datetime) -> None:
    grant.revoked_at = grant.revoked_at or at
    db.session.flush()


def consent_of(account: Account, client: Client) -> WebsiteConsent | None:
    return db.session.scalar(
        sa.select(WebsiteConsent)
        .where(
            WebsiteConsent.account_id == account.id,
            WebsiteConsent.client_id == client.id,
            WebsiteConsent.withdrawn_at.is_(None),
        )
        .order_by(WebsiteConsent.given_at.desc())
        .limit(1)
    )


def consents_of(account: Account) -> list[WebsiteConsent]:
    """In force, the newest first."""
    return list(
        db.session.scalars(
            sa.select(WebsiteConsent)
            .options(sa.orm.joinedload(WebsiteConsent.client))
            .where(WebsiteConsent.account_id == account.id, WebsiteConsent.withdrawn_at.is_(None))
            .order_by(WebsiteConsent.given_at.desc())
        )
    )


def give_consent(
    account: Account, client: Client, scopes: Collection[str], *, asked: Collection[str], at: datetime
) -> None:
    """``scopes``: what of ``asked`` the person allows. In place of the one before, which stays as history."""
    old = consent_of(account, client)
    if old is not None:
        old.withdrawn_at = at
    db.session.add(
        WebsiteConsent(
            account_id=account.id,
            client_id=client.id,
            asked=sorted(asked),
            scopes=sorted(set(scopes) & set(asked)),
            given_at=at,
            last_used_at=at,
        )
    )
    db.session.flush()


def withdraw_consent(account: Account, client_id: UUID, *, at: datetime) -> None:
    """The website keeps what it has; from now on it gets nothing more."""
    db.session.execute(
        sa.update(WebsiteConsent)
        .where(
            WebsiteConsent.account_id == account.id,
            WebsiteConsent.client_id == client_id,
            WebsiteConsent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=at)
    )
    db.session.execute(
        sa.update(Grant)
        .where(Grant.account_id == account.id, Grant.client_id == client_id, Grant.revoked_at.is_(None))
        .values(revoked_at=at)
    )


def purge(*, at: datetime) -> None:
    """Grants take their codes and tokens along."""
    oldest = at - retention.WEBSITE_SIGN_INS.kept
    db.session.execute(
        sa.delete(Grant).where(Grant.created_at < oldest), execution_options={"synchronize_session": False}
    )
    db.session.execute(
        sa.update(WebsiteConsent).where(WebsiteConsent.last_used_at < oldest).values(last_used_at=None),
        execution_options={"synchronize_session": False},
    )
