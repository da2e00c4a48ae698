"""What is no longer needed goes: sessions, links, counters, registrations that nobody confirmed."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from servicekonto.accounts import challenges, history, kept_input, recovery, sessions, throttle
from servicekonto.accounts.models import Account, OneTimeLink
from servicekonto.core import retention
from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs.queue import JobContext
from servicekonto.jobs.registry import handler

AT_ONCE = 200  # sessions in one transaction


@handler("accounts.purge", every=timedelta(hours=1))
def purge(job: JobContext) -> None:
    purge_old_rows(at=job.at)


@handler("accounts.end_sessions", every=timedelta(minutes=1), own_units_of_work=True)
def end_expired_sessions(job: JobContext) -> None:
    """For whoever must learn of it; a session that has run out is dead without this."""
    is_more = True
    while is_more:
        with unit_of_work():
            is_more = sessions.end_expired(at=job.at, most=AT_ONCE) == AT_ONCE


@handler("accounts.resets", every=timedelta(hours=1))
def remind_of_resets(job: JobContext) -> None:
    recovery.remind_of_resets(at=job.at)


def purge_old_rows(*, at: datetime) -> None:
    throttle.purge(at=at)
    kept_input.purge(at=at)
    history.purge(at=at)
    challenges.purge(at=at)
    sessions.purge(at=at, keep=retention.SESSIONS.kept)
    _delete(sa.delete(OneTimeLink).where(OneTimeLink.expires_at < at - retention.LINKS.kept))
    has_link = sa.exists().where(OneTimeLink.account_id == Account.id)
    _delete(
        sa.delete(Account).where(
            Account.confirmed_at.is_(None), Account.created_at < at - retention.UNCONFIRMED.kept, ~has_link
        )
    )


def _delete(statement: sa.Delete) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})
