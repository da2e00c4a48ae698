"""What an access token opens (OpenID Connect Core § 5.3): everything about it in one statement.

Websites ask here most often of all, so rows are read without their models.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicekonto.accounts.models import Account, PersonalAttribute
from servicekonto.core.db import read_alone
from servicekonto.core.sealing import KnownKey, token_hash
from servicekonto.core.settings import settings
from servicekonto.oidc import claims, dpop, tokens
from servicekonto.oidc.capabilities import KEY_FAMILIES, Algorithm
from servicekonto.oidc.client_models import Client
from servicekonto.oidc.key_models import KeyState, SigningKey
from servicekonto.oidc.models import AccessToken, Grant


@dataclass(frozen=True)
class Opened:
    """``rows``: one for each attribute of the account, equal in everything else."""

    rows: Sequence[sa.Row[Any]]

    @property
    def scopes(self) -> list[str]:
        """Of the token: all of the grant, or those that were wanted."""
        first = self.rows[0]
        found: list[str] = first.granted if first.narrowed is None else first.narrowed
        return found

    def claims(self) -> dict[str, object]:
        first = self.rows[0]
        one_by_one = (first.one_by_one or {}).get("userinfo", [])
        names = claims.names_of(self.scopes) | set(one_by_one)
        terms = claims.Terms(sign_in=first.level, minimum=first.minimum)
        levels = {row.name: row.fact_level for row in self.rows if row.id is not None}
        known = claims.Known(_Sealed(self.rows), levels)
        return {"sub": first.sub, **claims.released(known, names, terms)}

    def signed_claims(self, *, at: datetime) -> str | None:
        """As a JWT for this website alone. None when it takes them as JSON."""
        first = self.rows[0]
        if first.algorithm is None:
            return None
        about = {"iss": settings().base_url, "aud": first.client_id, "iat": int(at.timestamp())}
        return tokens.signed({**about, **self.claims()}, Algorithm(first.algorithm), first.kid)


class _Sealed(Mapping[str, Any]):
    """The attributes of the account, and ``email``. What nobody asks for stays sealed."""

    def __init__(self, rows: Sequence[sa.Row[Any]]) -> None:
        self._account = rows[0]
        self._rows = {row.name: row for row in rows if row.id is not None}
        self._key = KnownKey(Account.__tablename__, self._account.account_id, self._account.wrapped_key)
        self._opened: dict[str, object] = {}

    def __getitem__(self, name: str) -> object:
        if name not in self._opened:
            self._opened[name] = self._email() if name == "email" else self._attribute(self._rows[name])
        return self._opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._rows, "email"])

    def __len__(self) -> int:
        return len(self._rows) + 1

    def _email(self) -> str | None:
        row = self._account
        clear = self._key.open(
            row.email_sealed, table=Account.__tablename__, column="email_sealed", row_id=row.account_id
        )
        return clear.decode() if clear is not None else None

    def _attribute(self, row: sa.Row[Any]) -> object:
        clear = self._key.open(
            row.value_sealed, table=PersonalAttribute.__tablename__, column="value_sealed", row_id=row.id
        )
        return json.loads(clear) if clear is not None else None


def open_with(bearer: str | None, *, bound: str | None = None, at: datetime) -> Opened | None:
    """``bound``: the token that came with the current request together with a proof of its key (DPoP).

    None for a token that is unknown, ran out or came the wrong way, and when the grant, the account or the
    website ended. Raises InvalidProofError.
    """
    if bound is None:
        return _opened_by(bearer, jkt=None, at=at) if bearer else None
    proof = dpop.proof_of_token(bound, at=at)
    opened = _opened_by(bound, jkt=proof.jkt, at=at)
    if opened is not None:
        proof.use_up()
    return opened


def _opened_by(token: str, *, jkt: str | None, at: datetime) -> Opened | None:
    """A bound token is not found without its key, nor with another."""
    rows = read_alone(_QUERY, {"token_hash": token_hash(token), "jkt": jkt, "at": at})
    return Opened(rows) if rows else None


def _query() -> sa.Select[Any]:
    token, grant, client, account, attribute, key = (
        model.__table__ for model in (AccessToken, Grant, Client, Account, PersonalAttribute, SigningKey)
    )
    algorithm = client.c.userinfo_signed_response_alg
    family = sa.case(
        *((algorithm == name.value, family.value) for name, family in KEY_FAMILIES.items()), else_=None
    )
    return (
        sa.select(
            token.c.scopes.label("narrowed"),
            grant.c.scopes.label("granted"),
            grant.c.claims.label("one_by_one"),
            grant.c.sub,
            grant.c.level,
            client.c.client_id,
            client.c.min_level.label("minimum"),
            algorithm.label("algorithm"),
            key.c.kid,
            account.c.id.label("account_id"),
            account.c.wrapped_key,
            account.c.email_sealed,
            attribute.c.id,
            attribute.c.name,
            attribute.c.level.label("fact_level"),
            attribute.c.value_sealed,
        )
        .join_from(token, grant, grant.c.id == token.c.grant_id)
        .join(client, client.c.id == grant.c.client_id)
        .join(account, account.c.id == grant.c.account_id)
        .outerjoin(attribute, attribute.c.account_id == account.c.id)
        .outerjoin(key, sa.and_(key.c.state == KeyState.ACTIVE, key.c.family == family))
        .where(
            token.c.token_hash == sa.bindparam("token_hash"),
            token.c.jkt.is_not_distinct_from(sa.bindparam("jkt", type_=sa.String)),
            token.c.expires_at > sa.bindparam("at"),
            grant.c.revoked_at.is_(None),
            client.c.disabled_at.is_(None),
            account.c.locked_at.is_(None),
        )
    )


_QUERY = _query()
