"""What a website can exchange for tokens: a code, or a refresh token."""

import functools
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from servicekonto.core.db import db
from servicekonto.core.sealing import token_hash
from servicekonto.oidc import keys
from servicekonto.oidc.capabilities import Algorithm
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.models import AuthorizationCode, Grant, RefreshToken, WebsiteConsent

Row = TypeVar("Row", AuthorizationCode, RefreshToken)

_FOUND_BY = {AuthorizationCode: AuthorizationCode.code_hash, RefreshToken: RefreshToken.family_hash}


@dataclass(frozen=True)
class Found(Generic[Row]):
    """``kid``: of the key that signs for the client at the moment. ``last_used_at``: as noted with the
    consent in force; of refresh tokens only.
    """

    row: Row
    kid: str | None
    last_used_at: datetime | None


def find(kind: type[Row], secret: str, client: Client) -> Found[Row] | None:
    """Of this client, with its grant and account: in one statement. ``secret``: the code, or what all refresh
    tokens of the family begin with.
    """
    found = db.session.execute(
        _query(kind, Algorithm(client.id_token_alg)),
        {"hash": token_hash(secret), "client_row_id": client.id},
    ).one_or_none()
    return None if found is None else Found(*found)


@functools.cache
def _query(kind: type[Row], algorithm: Algorithm) -> Any:
    last_used_at = _last_use() if kind.__tablename__ == RefreshToken.__tablename__ else sa.null()
    return (
        sa.select(kind, keys.active_kid(algorithm), last_used_at)
        .join(kind.grant)
        .join(Grant.account)
        .options(contains_eager(kind.grant).contains_eager(Grant.account))
        .where(_FOUND_BY[kind] == sa.bindparam("hash"), Grant.client_id == sa.bindparam("client_row_id"))
    )


def _last_use() -> sa.ScalarSelect[datetime | None]:
    return (
        sa.select(sa.func.max(WebsiteConsent.last_used_at, type_=WebsiteConsent.last_used_at.type))
        .where(
            WebsiteConsent.account_id == Grant.account_id,
            WebsiteConsent.client_id == Grant.client_id,
            WebsiteConsent.withdrawn_at.is_(None),
        )
        .correlate(Grant)
        .scalar_subquery()
    )
