"""A code or a refresh token that comes a second time: somebody else may have it. Operators are to see that.

What it came of ends in any case; here is only who is told.
"""

from datetime import datetime

import structlog

from servicekonto.core.events import publish
from servicekonto.oidc.events import SecretReused
from servicekonto.oidc.models import Grant

CODE = "code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a kind, not a token

log = structlog.get_logger(__name__)


def notice(kind: str, grant: Grant, *, at: datetime) -> None:
    """Once for each grant: afterwards it is over, and nothing can be stolen any more. The log names the
    website and nobody: together with a person it would say for years who signed in where.
    """
    if grant.revoked_at is not None:
        return
    log.warning("secret_reused", kind=kind, client_id=grant.client.client_id)
    publish(SecretReused(subject_id=grant.id, actor_id=None, occurred_at=at, kind=kind))
