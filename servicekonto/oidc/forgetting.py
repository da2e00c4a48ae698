"""Who signed in where, and when, is kept for a week (TR-03160-2 § 4.3.2.4)."""

from datetime import datetime

import sqlalchemy as sa

from servicekonto.core import clock, retention
from servicekonto.core.db import db, table_of
from servicekonto.jobs.models import Job
from servicekonto.oidc.grants import CODE_VALIDITY
from servicekonto.oidc.logout import TELL
from servicekonto.oidc.models import AccessToken, AuthorizationCode, Grant, RefreshToken, WebsiteConsent

_KNOWS_THE_SIGN_IN = sa.or_(Grant.authenticated_at.is_not(None), Grant.session_id.is_not(None))


def purge(*, at: datetime) -> None:
    """Grants take their codes and tokens along. One that can still be refreshed stays, without the sign-in it
    came of: only the day is known, from which its end is counted.
    """
    oldest = _oldest(at)
    _leave_the_day(oldest)
    for statement in (
        sa.delete(Grant).where(Grant.created_at < oldest, _is_over(at)),
        sa.update(Grant)
        .where(Grant.created_at < oldest, _KNOWS_THE_SIGN_IN)
        .values(authenticated_at=None, session_id=None, sid=None),
        sa.delete(AuthorizationCode).where(AuthorizationCode.expires_at < oldest + CODE_VALIDITY),
        sa.delete(AccessToken).where(AccessToken.created_at < oldest),
        sa.delete(Job).where(Job.kind == TELL, Job.created_at < at - retention.TOLD_LOGOUTS.kept),
        sa.update(WebsiteConsent).where(WebsiteConsent.last_used_at < oldest).values(last_used_at=None),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})


def _leave_the_day(oldest: datetime) -> None:
    """Before their sign-in is forgotten, by which they are found."""
    table = table_of(Grant)
    found = db.session.execute(
        sa.select(Grant.id, Grant.created_at).where(Grant.created_at < oldest, _KNOWS_THE_SIGN_IN)
    ).all()
    if found:
        db.session.execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("row_id"))
            .values(created_at=sa.bindparam("day")),
            [{"row_id": row_id, "day": clock.begin_of_day(moment)} for row_id, moment in found],
        )


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
