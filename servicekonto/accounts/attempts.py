"""A password is tried: counted before the check, settled after it. The statements are of tables and built
once: they are what a sign-in costs on top of the hash.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from servicekonto.accounts import events, factors, queries, sessions
from servicekonto.accounts.factor_models import FactorKind, PasswordCredential
from servicekonto.accounts.models import Account
from servicekonto.core.db import execute, table_of
from servicekonto.core.events import publish

_account, _password = table_of(Account), table_of(PasswordCredential)
_tried = (
    sa.select(_account.c.id)
    .where(
        _account.c.email_index == sa.bindparam("index"),
        _account.c.confirmed_at.is_not(None),
        _account.c.locked_at.is_(None),
    )
    .scalar_subquery()
)
_at = sa.bindparam("at", type_=_password.c.locked_at.type)
_TRY_PASSWORD = (
    sa.update(_password)
    .where(_password.c.account_id == _tried, _password.c.locked_at.is_(None))
    .values(
        failures=_password.c.failures + 1,
        locked_at=sa.case((_password.c.failures >= factors.MOST_FAILURES, _at)),
    )
    .returning(
        _password.c.id,
        _password.c.account_id,
        _password.c.encoded_hash,
        _password.c.failures,
        # Not of the row's own account_id: in RETURNING, SQLite is told columns without their table.
        factors.has_second_of(_tried).label("has_second"),
    )
)
_owner = sa.select(_account.c.id).where(_account.c.id == sa.bindparam("account"))
_PASSWORD_WAS_RIGHT = (
    sa.update(_password)
    .where(
        _password.c.account_id == sa.bindparam("account"),
        _password.c.encoded_hash == sa.bindparam("known"),
        _password.c.locked_at.is_(None),
        factors.has_second_of(sa.bindparam("account")) == sa.bindparam("has_second"),
        _owner.where(_account.c.locked_at.is_(None)).exists(),
    )
    .values(failures=0, last_used_at=sa.bindparam("at"))
    .returning(
        _password.c.account_id,
        _owner.with_only_columns(_account.c.kind).scalar_subquery().label("kind"),
        _owner.with_only_columns(_account.c.last_signed_in_at).scalar_subquery().label("last_signed_in_at"),
        sessions.NUMBER_OPEN.label("sessions"),
    )
)
_NOTE_SIGN_IN = (
    sa.update(_account)
    .where(_account.c.id == sa.bindparam("account"))
    .values(last_signed_in_at=sa.bindparam("at"))
)

NOTED_EVERY = timedelta(days=1)


def try_password(email_index: bytes, *, at: datetime) -> queries.KnownPassword | None:
    """Counts the attempt before the check, and gives what to compare with. None for unknown, unconfirmed and
    locked accounts and for a locked password: nobody can sign in with it.

    Whoever guesses too often in a row makes the password rest, not the account: a passkey and the link for a
    new password work on.
    """
    found = execute(_TRY_PASSWORD, {"index": email_index, "at": at}).one_or_none()
    if found is None:
        return None
    if found.failures == factors.MOST_FAILURES + 1:
        publish(
            events.FactorGuessedAt(
                subject_id=found.account_id,
                actor_id=None,
                occurred_at=at,
                kind=str(FactorKind.PASSWORD),
                factor_id=found.id,
            )
        )
    return queries.KnownPassword(found.account_id, found.encoded_hash, found.has_second)


def password_was_right(known: queries.KnownPassword, *, at: datetime) -> queries.Owner:
    """MeanwhileError when it was changed, it or the account locked, or a second factor came or went. Holds
    its row: whoever changes or locks it now ends the session that begins here too.
    """
    values = {
        "account": known.account_id,
        "known": known.encoded_hash,
        "has_second": known.has_second,
        "at": at,
    }
    found = execute(_PASSWORD_WAS_RIGHT, values).one_or_none()
    if found is None:
        raise sessions.MeanwhileError("password")
    return queries.Owner(*found)


def renew_hash(account: Account, *, known_hash: str, encoded_hash: str) -> None:
    """The same password under the costs configured now."""
    credential = queries.password_credential(account)
    if credential is not None and credential.encoded_hash == known_hash:
        credential.encoded_hash = encoded_hash


def note_sign_in(account: Account | queries.Owner, *, at: datetime) -> None:
    """Once a day: accounts that nobody uses end after years. Not through the object: two sign-ins at once are
    no conflict.
    """
    last = account.last_signed_in_at
    if last is None or at - last >= NOTED_EVERY or at < last:
        execute(_NOTE_SIGN_IN, {"account": account.id, "at": at})
