"""Websites are told at least once that a session is over, until they say yes or a day has passed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.settings import settings
from servicekonto.jobs.queue import JobContext, JobError
from servicekonto.jobs.registry import handler
from servicekonto.oidc import deliveries, logout_tokens, outgoing
from servicekonto.oidc.logout import TELL
from servicekonto.oidc.models import Grant
from servicekonto.oidc.outgoing import NotDeliveredError

ATTEMPTS = 32


@dataclass(frozen=True)
class _Message:
    client_row_id: UUID
    uri: str
    token: str


@handler(TELL, own_units_of_work=True, max_attempts=ATTEMPTS, lease=timedelta(minutes=2))
def tell(job: JobContext) -> None:
    """32 attempts last 18 to 24 hours. A website learns nothing any more when it was disabled, has no address
    for it now, or the account is gone.
    """
    with unit_of_work():
        message = _message(job.uuid("grant_id"), at=clock.now())
    if message is None:
        return
    _deliver(message)
    with unit_of_work():
        deliveries.note_success(message.client_row_id, at=clock.now())
        job.finish(at=clock.now())


def _message(grant_id: UUID, *, at: datetime) -> _Message | None:
    grant = db.session.get(Grant, grant_id, populate_existing=True)
    if grant is None or not grant.client.is_enabled or not grant.client.backchannel_logout_uri:
        return None
    if deliveries.is_paused(grant.client_id, at=at):
        raise JobError("the website did not answer a moment ago")
    token = logout_tokens.logout_token(grant, at=at)
    return _Message(grant.client_id, grant.client.backchannel_logout_uri, token)


def _deliver(message: _Message) -> None:
    try:
        outgoing.post_form(message.uri, {"logout_token": message.token}, with_loopback=settings().is_demo)
    except NotDeliveredError as error:
        with unit_of_work():
            deliveries.note_failure(message.client_row_id, error.failure, at=clock.now())
        raise JobError(str(error.failure)) from error
