"""What a website can exchange for tokens: a code, or a refresh token."""

import functools
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from servicekonto.core.db import db
from servicekonto.core.sealing import token_hash
from servicekonto.oidc import keys
from servicekonto.oidc.capabilities import Algorithm
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.models import AuthorizationCode, Grant, RefreshToken

Row = TypeVar("Row", AuthorizationCode, RefreshToken)

_FOUND_BY = {AuthorizationCode: AuthorizationCode.code_hash, RefreshToken: RefreshToken.family_hash}


def find(kind: type[Row], secret: str, client: Client) -> tuple[Row, str | None] | None:
    """Of this client, with its grant and account, and the ``kid`` of the key that signs for it at the moment:
    in one statement. ``secret``: the code, or what all refresh tokens of the family begin with.
    """
    found = db.session.execute(
        _query(kind, Algorithm(client.id_token_alg)),
        {"hash": token_hash(secret), "client_row_id": client.id},
    ).one_or_none()
    return None if found is None else (found[0], found[1])


@functools.cache
def _query(kind: type[Row], algorithm: Algorithm) -> sa.Select[Row, str | None]:
    return (
        sa.select(kind, keys.active_kid(algorithm))
        .join(kind.grant)
        .join(Grant.account)
        .options(contains_eager(kind.grant).contains_eager(Grant.account))
        .where(_FOUND_BY[kind] == sa.bindparam("hash"), Grant.client_id == sa.bindparam("client_row_id"))
    )
