"""``sid``: what a website calls a session (OpenID Connect Back-Channel Logout 1.0 § 2.1). Another one for
each website, so that two of them cannot tell that they share a visitor; it is stored with the grant.
"""

import base64
import hmac
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.models import LoginSession
from servicekonto.core.db import table_of
from servicekonto.core.sealing import derived_key
from servicekonto.oidc.client_models import Client


def sid_of(session_id: UUID, client: Client) -> str:
    """43 characters; nothing leads back from them to the session."""
    digest = hmac.digest(derived_key("session of a website"), session_id.bytes + client.id.bytes, "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def is_not_over(session_id: UUID | sa.BindParameter[UUID] | None) -> sa.ColumnElement[bool]:
    """As a condition: nobody has been told yet that it has ended."""
    table = table_of(LoginSession)
    return ~sa.exists().where(table.c.id == session_id, table.c.ended_at.is_not(None))
