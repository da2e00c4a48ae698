"""How much one account begins in a day: more than this is a script, and fills the inbox of an authority."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core.db import db
from servicekonto.core.errors import ThrottledError
from servicekonto.service_requests.conversation_models import RequestMessage
from servicekonto.service_requests.models import ServiceRequest

SPAN = timedelta(days=1)
MOST_DRAFTS = 100  # of one account; every request begins as one
MOST_MESSAGES = 50  # of the citizen about one request
RETRY_AFTER = 60 * 60  # seconds


def check_new_draft(account: Account, *, at: datetime) -> None:
    """Raises ThrottledError."""
    begun = sa.select(sa.func.count()).where(
        ServiceRequest.account_id == account.id, ServiceRequest.created_at > at - SPAN
    )
    if (db.session.scalar(begun) or 0) >= MOST_DRAFTS:
        raise ThrottledError(RETRY_AFTER)


def check_new_message(service_request: ServiceRequest, *, at: datetime) -> None:
    """Raises ThrottledError."""
    written = sa.select(sa.func.count()).where(
        RequestMessage.service_request_id == service_request.id,
        RequestMessage.author_id == service_request.account_id,
        RequestMessage.sent_at > at - SPAN,
    )
    if (db.session.scalar(written) or 0) >= MOST_MESSAGES:
        raise ThrottledError(RETRY_AFTER)
