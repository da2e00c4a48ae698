from collections.abc import Sequence

import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.notifications.models import Mail

LISTED = 50


def newest_mails() -> Sequence[Mail]:
    """For the demonstration, the newest first."""
    newest_first = (Mail.created_at.desc(), Mail.id.desc())
    return db.session.scalars(sa.select(Mail).order_by(*newest_first).limit(LISTED)).all()
