"""What somebody who runs many websites has to see before its visitors do: where signing in is about to stop,
and where signing out does not arrive.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.oidc.client_models import WITH_SECRETS, Client, ClientSecret
from servicekonto.oidc.logout_models import LogoutDelivery

SOON = timedelta(days=30)


@dataclass(frozen=True)
class Troubles:
    """By the ids of rows. ``secrets_end``: when the last secret of a website ends, soon or before now; None
    when it never had one. ``not_told``: websites that did not take the last message about a session that
    ended.
    """

    secrets_end: Mapping[UUID, datetime | None]
    not_told: Collection[UUID]


def of_all(*, at: datetime) -> Troubles:
    """Only of websites that are enabled, in two statements."""
    return Troubles(_ends_of_secrets(at=at), _not_told())


def _ends_of_secrets(*, at: datetime) -> dict[UUID, datetime | None]:
    last = sa.func.max(ClientSecret.expires_at)
    has_none_without_end = sa.func.count(ClientSecret.id) == sa.func.count(ClientSecret.expires_at)
    query = (
        sa.select(Client.id, last)
        .outerjoin(Client.secrets)
        .where(Client.disabled_at.is_(None), Client.token_endpoint_auth_method.in_(WITH_SECRETS))
        .group_by(Client.id)
        .having(has_none_without_end, sa.or_(last.is_(None), last <= at + SOON))
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def _not_told() -> frozenset[UUID]:
    query = (
        sa.select(Client.id)
        .join(LogoutDelivery, LogoutDelivery.client_row_id == Client.id)
        .where(Client.disabled_at.is_(None), Client.backchannel_logout_uri != "", LogoutDelivery.failures > 0)
    )
    return frozenset(db.session.scalars(query))
