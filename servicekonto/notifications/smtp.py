"""One mail to one SMTP server (RFC 5321)."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from servicekonto.core.settings import settings
from servicekonto.jobs.queue import JobError
from servicekonto.notifications.models import Mail

TIMEOUT = 20  # seconds for each step
_PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}


def as_message(mail: Mail) -> EmailMessage:
    """Raises ValueError when a line break or a second address is smuggled into a header."""
    address = mail.to or ""
    if parseaddr(address)[1] != address:
        raise ValueError("not one address")
    message = EmailMessage()
    message["Subject"] = mail.subject
    message["From"] = settings().mail_from
    message["To"] = address
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(mail.body or "", cte="quoted-printable")
    return message


def deliver(message: EmailMessage, smtp_url: str) -> None:
    """``smtp://`` plain, ``starttls://`` and ``smtps://`` encrypted, each with ``user:password@`` if need be.

    Returning means that the server has taken it. A refusal for good (5xx) is a permanent JobError; anything
    else may be tried again.
    """
    try:
        with _connected(smtp_url) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise _refused(code) from error
    except smtplib.SMTPDataError as error:
        raise _refused(error.smtp_code) from error


@contextmanager
def _connected(smtp_url: str) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(smtp_url)
    address = (parts.hostname or "localhost", parts.port or _PORTS[parts.scheme])
    # Our name for the greeting: without it smtplib asks the DNS, which may take long.
    name = urlsplit(settings().base_url).hostname
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*address, name, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(*address, name, timeout=TIMEOUT)
    with server:
        if parts.scheme == "starttls":
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


def _refused(code: int) -> JobError:
    return JobError(f"refused with code {code}", permanent=500 <= code < 600)
