from collections.abc import Sequence

import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.notifications.models import Mail

LISTED = 50
LOOKED_THROUGH = 500


def newest_mails() -> Sequence[Mail]:
    """For the demonstration, the newest first. Addresses are sealed: to choose one is to look through."""
    newest_first = (Mail.created_at.desc(), Mail.id.desc())
    return db.session.scalars(sa.select(Mail).order_by(*newest_first).limit(LOOKED_THROUGH)).all()
