"""``sub``: what a website calls somebody. Another one for each sector, and never the id of the account."""

import base64
import hmac
from contextlib import AbstractContextManager, nullcontext

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from servicekonto.accounts.models import Account
from servicekonto.core.db import db, working_as
from servicekonto.core.ids import new_timeless_id
from servicekonto.core.scope import Scope, current_scope
from servicekonto.core.sealing import derived_key
from servicekonto.oidc.client_models import Client, PairwiseSubject, SubjectType

PUBLIC_SECTOR = ""


def subject_of(account: Account, client: Client) -> str:
    """OpenID Connect Core § 8. Written the first time, so not inside a read-only unit of work; later only
    read.
    """
    named = sector_of(client)
    with _as_owner(account):
        return _stored(account, named) or _store(account, named)


def sector_of(client: Client) -> str:
    return sector(client.subject_type, client.sector_identifier)


def sector(subject_type: SubjectType, sector_identifier: str) -> str:
    """Websites with the same one call an account the same."""
    return sector_identifier if subject_type is SubjectType.PAIRWISE else PUBLIC_SECTOR


def is_subject(account: Account, client: Client, sub: str) -> bool:
    """Whether this website calls this account so. Writes nothing."""
    with _as_owner(account):
        return _stored(account, sector_of(client)) == sub


def _as_owner(account: Account) -> AbstractContextManager[None]:
    """The website asks from server to server; there is no session of the account, only its word."""
    scope = current_scope()
    if scope.everything or scope.account_id == account.id:
        return nullcontext()
    return working_as(Scope(account_id=account.id))


def _stored(account: Account, sector: str) -> str | None:
    return db.session.scalar(
        sa.select(PairwiseSubject.sub).where(
            PairwiseSubject.account_id == account.id, PairwiseSubject.sector == sector
        )
    )


def _store(account: Account, sector: str) -> str:
    """Two first uses at the same moment: the second waits for the first and takes what it wrote."""
    is_postgresql = db.session.connection().dialect.name == "postgresql"
    insert = postgresql.insert if is_postgresql else sqlite.insert
    db.session.execute(
        insert(PairwiseSubject)
        .values(id=new_timeless_id(), account_id=account.id, sector=sector, sub=_made(account, sector))
        .on_conflict_do_nothing(index_elements=["account_id", "sector"])
    )
    found = _stored(account, sector)
    assert found is not None  # noqa: S101 - for the type checker
    return found


def _made(account: Account, sector: str) -> str:
    message = sector.encode() + b"\x00" + str(account.id).encode()
    digest = hmac.digest(derived_key("pairwise subject"), message, "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
