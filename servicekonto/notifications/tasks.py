"""Mails are sent at least once, and never again after ``sent_at`` is stored."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

import sqlalchemy as sa

from servicekonto.core import clock, retention
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.settings import settings
from servicekonto.jobs.queue import JobContext
from servicekonto.jobs.registry import handler
from servicekonto.notifications import smtp
from servicekonto.notifications.mails import SEND_MAIL
from servicekonto.notifications.models import Mail


@handler(SEND_MAIL, own_units_of_work=True, max_attempts=40, lease=timedelta(minutes=3))
def send_mail(job: JobContext) -> None:
    """40 attempts last about a day and a half. In a demonstration without SMTP the mail is only stored."""
    mail_id = job.uuid("mail_id")
    with unit_of_work(read_only=True):
        message = _unsent(mail_id)
    smtp_url = settings().smtp_url
    if message is not None and smtp_url:
        smtp.deliver(message, smtp_url)
    with unit_of_work():
        _mark_sent(mail_id)
        job.finish(at=clock.now())


@handler("notifications.purge", every=timedelta(days=1))
def purge(job: JobContext) -> None:
    purge_mails(at=job.at)


def purge_mails(*, at: datetime) -> None:
    """Also those that could not be delivered."""
    db.session.execute(sa.delete(Mail).where(Mail.created_at < at - retention.MAILS.kept))


def _unsent(mail_id: UUID) -> EmailMessage | None:
    """None when it is gone with its account, or was sent already."""
    mail = db.session.get(Mail, mail_id)
    return smtp.as_message(mail) if mail is not None and mail.sent_at is None else None


def _mark_sent(mail_id: UUID) -> None:
    mail = db.session.get(Mail, mail_id, populate_existing=True)
    if mail is None or mail.sent_at is not None:
        return
    mail.sent_at = clock.now()
    if not settings().is_demo:
        mail.wipe()
