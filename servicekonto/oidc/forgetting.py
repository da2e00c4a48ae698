"""Who signed in where, and when, is kept for a week (TR-03160-2 § 4.3.2.4)."""

from datetime import datetime

import sqlalchemy as sa

from servicekonto.core import retention
from servicekonto.core.db import db
from servicekonto.oidc.models import AccessToken, AuthorizationCode, Grant, RefreshToken, WebsiteConsent

_KNOWS_THE_SIGN_IN = sa.or_(Grant.authenticated_at.is_not(None), Grant.session_id.is_not(None))


def purge(*, at: datetime) -> None:
    """Grants take their codes and tokens along. One that can still be refreshed stays, without the sign-in it
    came of: like the consent, which it is as old as.
    """
    oldest = _oldest(at)
    for statement in (
        sa.delete(Grant).where(Grant.created_at < oldest, _is_over(at)),
        sa.update(Grant)
        .where(Grant.created_at < oldest, _KNOWS_THE_SIGN_IN)
        .values(authenticated_at=None, session_id=None, sid=None),
        sa.delete(AuthorizationCode).where(AuthorizationCode.expires_at < oldest),
        sa.delete(AccessToken).where(AccessToken.expires_at < oldest),
        sa.update(WebsiteConsent).where(WebsiteConsent.last_used_at < oldest).values(last_used_at=None),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})


def due(*, at: datetime) -> int:
    """Sign-ins that are to be forgotten."""
    count = sa.select(sa.func.count()).select_from(Grant)
    return (
        db.session.scalar(
            count.where(Grant.created_at < _oldest(at), sa.or_(_is_over(at), _KNOWS_THE_SIGN_IN))
        )
        or 0
    )


def _oldest(at: datetime) -> datetime:
    return at - retention.WEBSITE_SIGN_INS.kept


def _is_over(at: datetime) -> sa.ColumnElement[bool]:
    can_be_refreshed = sa.exists().where(RefreshToken.grant_id == Grant.id, RefreshToken.expires_at > at)
    return sa.or_(Grant.revoked_at.is_not(None), ~can_be_refreshed)
