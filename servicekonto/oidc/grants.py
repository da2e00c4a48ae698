"""Codes and tokens. Everything hangs on the grant: revoked, nothing that came of it works any more.

Codes and tokens are 256 random bits and stored hashed.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.audit import Action, record
from servicekonto.core import clock
from servicekonto.core.db import db, table_of
from servicekonto.core.ids import new_id, new_timeless_id
from servicekonto.core.sealing import token_hash
from servicekonto.oidc import exchangeable, sids, subjects, thefts
from servicekonto.oidc.authorization import AuthorizationRequest
from servicekonto.oidc.claims import VERSION, names_of
from servicekonto.oidc.client_models import Client, PairwiseSubject
from servicekonto.oidc.models import AccessToken, AuthorizationCode, Grant, RefreshToken, WebsiteConsent

CODE_VALIDITY = timedelta(seconds=60)
TOKEN_VALIDITY = timedelta(minutes=5)
TOKEN_BYTES = 32
NOTED_EVERY = timedelta(hours=1)


def issue_code(
    request: AuthorizationRequest,
    account: Account,
    *,
    scopes: Collection[str],
    claims: dict[str, list[str]] | None = None,
    level: AssuranceLevel,
    authenticated_at: datetime,
    session_id: UUID,
    at: datetime,
) -> str:
    """A new grant and its code, which exists nowhere else."""
    grant_id = _add_grant(
        account,
        request.client,
        session_id=session_id,
        sid=sids.sid_of(session_id, request.client),
        scopes=sorted(scopes),
        claims=claims,
        level=level,
        authenticated_at=authenticated_at,
        created_at=at,
        revoked_at=None,
    )
    code = secrets.token_urlsafe(TOKEN_BYTES)
    db.session.execute(
        _ADD_CODE,
        {
            "id": new_id(),
            "grant_id": grant_id,
            "code_hash": token_hash(code),
            "redirect_uri": request.target.redirect_uri,
            "nonce": request.nonce,
            "code_challenge": request.code_challenge,
            "dpop_jkt": request.dpop_jkt,
            "expires_at": at + CODE_VALIDITY,
            "used_at": None,
        },
    )
    return code


def _add_grant(account: Account, client: Client, **values: object) -> UUID:
    """With the name by which the website knows the account, in one statement: it has to be made only once."""
    values |= {"id": new_timeless_id(), "account_id": account.id, "client_id": client.id}
    values |= {"sector": subjects.sector_of(client)}
    made: UUID | None = db.session.scalar(_ADD_GRANT, values)
    if made is None:
        subjects.subject_of(account, client)
        made = db.session.scalars(_ADD_GRANT, values).one()
    return made


def _insert_grant() -> sa.Insert:
    table, subject = table_of(Grant), table_of(PairwiseSubject)
    given = [column for column in table.c if column.name != "sub"]
    row = sa.select(
        *(sa.bindparam(column.name, type_=column.type).label(column.name) for column in given), subject.c.sub
    ).where(
        subject.c.account_id == sa.bindparam("account_id", type_=table.c.account_id.type),
        subject.c.sector == sa.bindparam("sector"),
    )
    names = [*(column.name for column in given), "sub"]
    return sa.insert(table).from_select(names, row, include_defaults=False).returning(table.c.id)


def _rows_of(statement: sa.UpdateBase, values: Mapping[str, object]) -> int:
    return cast(sa.CursorResult[Any], db.session.execute(statement, values)).rowcount


_ADD_GRANT = _insert_grant()
_ADD_CODE = sa.insert(table_of(AuthorizationCode))
_ADD_ACCESS_TOKEN = sa.insert(table_of(AccessToken))


@dataclass(frozen=True)
class PresentedCode:
    """``kid``: of the key that signs for this client at the moment."""

    row: AuthorizationCode
    kid: str | None


def find_code(code: str, client: Client) -> PresentedCode | None:
    """Of this client, used or not; with its grant and account, in one statement."""
    found = exchangeable.find(AuthorizationCode, code, client)
    return PresentedCode(found.row, found.kid) if found is not None else None


def use_code(code: AuthorizationCode, *, at: datetime) -> bool:
    """Of several exchanges one wins. False when it was used before, which ends everything that came of it
    (RFC 6749 § 4.1.2), or ran out. So too when the end of its session was told: the website would never learn
    of it.
    """
    values = {"code_id": code.id, "session_id": code.grant.session_id, "at": at}
    if _rows_of(_USE_CODE, values) != 1:
        if db.session.scalar(_USED_AT, {"code_id": code.id}) is not None:
            thefts.notice(thefts.CODE, code.grant, at=at)
        revoke(code.grant, at=at)
        return False
    return code.expires_at > at and is_alive(code.grant)


def _update_unused_code() -> sa.Update:
    code = table_of(AuthorizationCode)
    is_unused = sa.and_(code.c.id == sa.bindparam("code_id"), code.c.used_at.is_(None))
    return (
        sa.update(code)
        .where(is_unused, sids.is_not_over(sa.bindparam("session_id", type_=sa.Uuid)))
        .values(used_at=sa.bindparam("at"))
    )


_USE_CODE = _update_unused_code()
_USED_AT = sa.select(table_of(AuthorizationCode).c.used_at).where(
    table_of(AuthorizationCode).c.id == sa.bindparam("code_id")
)


def issue_access_token(
    grant: Grant, *, scopes: Collection[str] | None = None, jkt: str | None = None, at: datetime
) -> str:
    """``scopes``: when fewer than those of the grant are wanted. ``jkt``: of the key it is bound to."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    db.session.execute(
        _ADD_ACCESS_TOKEN,
        {
            "id": new_id(),
            "grant_id": grant.id,
            "token_hash": token_hash(token),
            "scopes": list(scopes) if scopes is not None else None,
            "jkt": jkt,
            "created_at": at,
            "expires_at": at + TOKEN_VALIDITY,
        },
    )
    return token


def is_alive(grant: Grant) -> bool:
    """Also when the account was locked or the website disabled in the meantime: then it is not."""
    return grant.revoked_at is None and grant.account.locked_at is None and grant.client.is_enabled


def revoke(grant: Grant, *, at: datetime) -> None:
    grant.revoked_at = grant.revoked_at or at
    db.session.flush()


def consent_of(account: Account, client: Client) -> WebsiteConsent | None:
    return db.session.scalar(
        sa.select(WebsiteConsent)
        .where(
            WebsiteConsent.account_id == account.id,
            WebsiteConsent.client_id == client.id,
            WebsiteConsent.withdrawn_at.is_(None),
        )
        .order_by(WebsiteConsent.given_at.desc())
        .limit(1)
    )


def consents_of(account: Account) -> list[WebsiteConsent]:
    """The whole history, the newest first."""
    return list(
        db.session.scalars(
            sa.select(WebsiteConsent)
            .options(sa.orm.joinedload(WebsiteConsent.client))
            .where(WebsiteConsent.account_id == account.id)
            .order_by(WebsiteConsent.given_at.desc(), WebsiteConsent.withdrawn_at.desc(), WebsiteConsent.id)
        )
    )


def give_consent(
    account: Account,
    client: Client,
    scopes: Collection[str],
    claims: Collection[str] = (),
    *,
    asked: Collection[str],
    asked_claims: Collection[str] = (),
    at: datetime,
) -> WebsiteConsent:
    """``scopes`` and ``claims``: what of ``asked`` and ``asked_claims`` the person allows. In place of the
    one before, which stays as history. The same answers once more change nothing: a row, or an entry, for
    each of them would tell for years when somebody signed in where.
    """
    _in_turn(account)
    old = consent_of(account, client)
    if old is not None:
        refused = (set(asked) - set(scopes)) | (set(asked_claims) - set(claims) - names_of(scopes))
        _end_what_was_refused(account, client, refused, at=at)
        if _says_the_same(old, scopes, claims, asked=asked, asked_claims=asked_claims):
            use_consent(old, at=at)
            return old
        old.withdrawn_at = clock.local_day(at)
    given = WebsiteConsent(
        id=new_timeless_id(),
        account_id=account.id,
        client_id=client.id,
        asked=sorted(asked),
        scopes=sorted(set(scopes) & set(asked)),
        asked_claims=sorted(asked_claims),
        claims=sorted(set(claims) & set(asked_claims)),
        version=VERSION,
        connected_at=clock.local_day(at) if old is None else old.connected_at,
        given_at=clock.local_day(at),
        last_used_at=at,
    )
    db.session.add(given)
    db.session.flush()
    _record(Action.WEBSITE_CONNECTED if old is None else Action.WEBSITE_CHANGED, account, client.id, at=at)
    return given


def _in_turn(account: Account) -> None:
    """Two answers at the same moment: one consent is in force."""
    db.session.execute(sa.select(Account.id).where(Account.id == account.id).with_for_update())


def _says_the_same(
    old: WebsiteConsent,
    scopes: Collection[str],
    claims: Collection[str],
    *,
    asked: Collection[str],
    asked_claims: Collection[str],
) -> bool:
    """Nothing was asked that was not asked before, and every answer is the one given then."""
    if old.version != VERSION or not set(asked) <= set(old.asked):
        return False
    if not set(asked_claims) <= names_of(old.asked) | set(old.asked_claims):
        return False
    now, then = names_of(scopes) | set(claims), names_of(old.scopes) | set(old.claims)
    return set(scopes) & set(asked) == set(old.scopes) & set(asked) and now & set(asked_claims) == then & set(
        asked_claims
    )


def _record(action: Action, account: Account, client_id: UUID, *, at: datetime) -> None:
    record(action, account.id, authority_id=None, by=account, at=at, client_id=client_id)


def use_consent(consent: WebsiteConsent, *, at: datetime) -> None:
    """Noted once an hour: people are told the day."""
    if is_to_be_noted(consent.last_used_at, at=at):
        consent.last_used_at = at


def is_to_be_noted(last_used_at: datetime | None, *, at: datetime) -> bool:
    return last_used_at is None or at - last_used_at >= NOTED_EVERY


def note_use(grant: Grant, *, at: datetime) -> None:
    """Of the consent it came of, without the person."""
    db.session.execute(
        _NOTE_USE, {"of_account": grant.account_id, "at_client": grant.client_id, "last_used_at": at}
    )


def _update_of_last_use() -> sa.Update:
    table = table_of(WebsiteConsent)
    return (
        sa.update(table)
        .where(
            table.c.account_id == sa.bindparam("of_account"),
            table.c.client_id == sa.bindparam("at_client"),
            table.c.withdrawn_at.is_(None),
        )
        .values(last_used_at=sa.bindparam("last_used_at"))
    )


_NOTE_USE = _update_of_last_use()


def _end_what_was_refused(account: Account, client: Client, refused: set[str], *, at: datetime) -> None:
    """Said no to now, and still allowed for weeks by a grant that can be refreshed: that one ends."""
    if not refused:
        return
    live = db.session.scalars(
        sa.select(Grant)
        .join(RefreshToken, RefreshToken.grant_id == Grant.id)
        .where(Grant.account_id == account.id, Grant.client_id == client.id, Grant.revoked_at.is_(None))
    )
    for grant in live.all():
        single = {*grant.claims_for("userinfo"), *grant.claims_for("id_token")}
        if refused & {*grant.scopes, *single}:
            revoke(grant, at=at)


def withdraw_consent(account: Account, client_id: UUID, *, at: datetime) -> None:
    """The website keeps what it has; from now on it gets nothing more."""
    withdrawn = db.session.execute(
        sa.update(WebsiteConsent)
        .where(
            WebsiteConsent.account_id == account.id,
            WebsiteConsent.client_id == client_id,
            WebsiteConsent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=clock.local_day(at))
        .returning(WebsiteConsent.id)
    ).all()
    if withdrawn:
        _record(Action.WEBSITE_DISCONNECTED, account, client_id, at=at)
    db.session.execute(
        sa.update(Grant)
        .where(Grant.account_id == account.id, Grant.client_id == client_id, Grant.revoked_at.is_(None))
        .values(revoked_at=at)
    )
