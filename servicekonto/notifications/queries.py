from dataclasses import dataclass

import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.notifications.models import Mail
from servicekonto.web.cursors import Cursor

PAGE_SIZE = 20
LOOKED_THROUGH = 500


@dataclass(frozen=True)
class MailPage:
    """``recipients``: of all the mails looked through, by name. ``behind``: where the next page begins.

    ``is_cut``: this is the last page, and there are older mails that were not looked through.
    """

    mails: list[Mail]
    recipients: list[str]
    behind: Cursor | None
    is_cut: bool


def page_of_mails(recipient: str = "", *, behind: Cursor | None = None) -> MailPage:
    """For the demonstration, the newest first. Addresses are sealed: to choose one is to look through."""
    newest_first = (Mail.created_at.desc(), Mail.id.desc())
    mails = db.session.scalars(sa.select(Mail).order_by(*newest_first).limit(LOOKED_THROUGH + 1)).all()
    found = [
        mail
        for mail in mails[:LOOKED_THROUGH]
        if recipient in ("", _address(mail).casefold()) and (behind is None or _position(mail) < behind)
    ]
    has_more = len(found) > PAGE_SIZE
    return MailPage(
        mails=found[:PAGE_SIZE],
        recipients=sorted({_address(mail) for mail in mails[:LOOKED_THROUGH]} - {""}),
        behind=_position(found[PAGE_SIZE - 1]) if has_more else None,
        is_cut=not has_more and len(mails) > LOOKED_THROUGH,
    )


def _address(mail: Mail) -> str:
    return mail.to or ""


def _position(mail: Mail) -> Cursor:
    return mail.created_at, mail.id
