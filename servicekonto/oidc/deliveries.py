"""What became of telling a website, and when to leave it alone for a while."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from servicekonto.core.db import db
from servicekonto.core.ids import new_id
from servicekonto.oidc.logout_models import LogoutDelivery
from servicekonto.oidc.outgoing import Failure

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
HOLDS_UP = frozenset({Failure.CONNECTION, Failure.TIMEOUT, Failure.NAME})
"""After these the next attempt would take a worker's time as well; refusals are quick."""


def of(client_row_id: UUID) -> LogoutDelivery | None:
    return db.session.scalar(
        sa.select(LogoutDelivery).where(LogoutDelivery.client_row_id == client_row_id),
        execution_options={"populate_existing": True},
    )


def is_paused(client_row_id: UUID, *, at: datetime) -> bool:
    """5 s after the first failure in a row, then 10 s … up to 5 minutes: one website that does not answer
    must not keep the workers from everything else.
    """
    known = of(client_row_id)
    if known is None or known.failed_at is None or not known.failures or known.failure not in HOLDS_UP:
        return False
    pause = min(FIRST_PAUSE * int(2 ** min(known.failures - 1, 10)), LONGEST_PAUSE)
    return at < known.failed_at + pause


def note_success(client_row_id: UUID, *, at: datetime) -> None:
    _note(client_row_id, {"delivered_at": at, "failures": 0}, {"delivered_at": at, "failures": 0})


def note_failure(client_row_id: UUID, failure: Failure, *, at: datetime) -> None:
    found = {"failed_at": at, "failure": failure}
    _note(client_row_id, found | {"failures": 1}, found | {"failures": LogoutDelivery.failures + 1})


def _note(client_row_id: UUID, first: dict[str, object], again: dict[str, object]) -> None:
    is_postgresql = db.session.connection().dialect.name == "postgresql"
    insert = postgresql.insert if is_postgresql else sqlite.insert
    db.session.execute(
        insert(LogoutDelivery)
        .values(id=new_id(), client_row_id=client_row_id, **first)
        .on_conflict_do_update(index_elements=["client_row_id"], set_=again)
    )
