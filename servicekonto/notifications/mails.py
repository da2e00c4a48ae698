"""From a template to a stored mail that a worker sends."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app

from servicekonto.accounts.models import Account
from servicekonto.core.db import db
from servicekonto.core.settings import settings
from servicekonto.jobs.queue import enqueue
from servicekonto.notifications.models import Mail
from servicekonto.web.i18n import in_language

SEND_MAIL = "send_mail"


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


@dataclass(frozen=True)
class Addressee:
    """``account_id`` None: somebody without an account. ``language`` as the account has chosen it."""

    address: str
    language: str | None = None
    account_id: UUID | None = None


def write(template: str, *, to: Account, at: datetime, **values: object) -> None:
    """Store ``templates/mails/<template>.txt`` for this account and have it sent after this transaction."""
    found = addressee_of(to.id)
    if found is not None:
        write_to(found, template, at=at, **values)


def addressee_of(account_id: UUID) -> Addressee | None:
    """None: the account has been deleted."""
    account = db.session.get(Account, account_id)
    if account is None or account.email is None:
        return None
    return Addressee(account.email, account.language, account.id)


def write_to(to: Addressee, template: str, *, at: datetime, **values: object) -> None:
    text = render(template, language=to.language, **values)
    mail = Mail(account_id=to.account_id, template=template, subject=text.subject, created_at=at)
    mail.to, mail.body = to.address, text.body
    mail.message_id = f"<{mail.id}@{urlsplit(settings().base_url).hostname}>"
    db.session.add(mail)
    db.session.flush()
    enqueue(SEND_MAIL, payload={"mail_id": mail.id}, at=at, key=f"{SEND_MAIL}:{mail.id}")


def render(template: str, *, language: str | None = None, **values: object) -> Text:
    """Plain text, nothing is escaped. The first line is the subject; templates call ``link(endpoint, …)``."""
    source = current_app.jinja_env.get_template(f"mails/{template}.txt")
    with in_language(language):
        rendered = source.render(link=link, is_demo=settings().is_demo, **values)
    subject, _, body = rendered.strip().partition("\n")
    return Text(subject.strip(), re.sub(r"\n{3,}", "\n\n", body).strip() + "\n")


def link(endpoint: str, **values: object) -> str:
    """From the configured address, never from the Host header of the request that caused the mail."""
    path = current_app.url_map.bind("").build(endpoint, values)
    return settings().base_url + path
