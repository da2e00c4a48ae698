"""What somebody typed when their session had ended: given back, for an hour, after the same account signs in.

The row is sealed under a key derived from the secret key, the account and a token that only this browser's
form cookie holds: neither the database alone nor another browser nor another account can open it.
"""

import functools
import json
import os
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Response, current_app, g, make_response, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.accounts.models import Account, LoginSession
from servicekonto.core import clock, retention
from servicekonto.core.db import Base, db
from servicekonto.core.scope import NOBODY, Scope, apply_scope, scoped
from servicekonto.core.sealing import derived_key, token_hash

View = TypeVar("View", bound=Callable[..., Any])

MOST_BYTES = 64 * 1024
MOST_ROWS = 5  # of one account: nobody fills the table with sessions that have ended
_TOKEN = "kept"  # noqa: S105 - the name of a value in the form cookie
_NOT_TYPED = frozenset({"csrf_token", "idempotency_key"})
_NONCE_BYTES = 12


class KeptInput(Base):
    """``sealed`` holds the address of the form too."""

    __tablename__ = "kept_input"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


def keeps_input(view: View) -> View:
    """For a POST view whose GET has the same address and shows ``found()``; answering drops what was kept."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        response: Response = make_response(view(*args, **kwargs))
        _drop()
        return response

    guarded.keeps_input = True  # type: ignore[attr-defined]
    return cast(View, guarded)


def is_kept_here() -> bool:
    """A form without its token may come from another website: that must not put words into ours."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method == "POST" and hasattr(view, "keeps_input") and bool(g.get("csrf_valid"))


def keep(session_token: str, *, at: datetime) -> None:
    """``session_token``: of the session that has ended, whose account alone gets it back."""
    owner_id = db.session.scalar(
        sa.select(Account.id)
        .join(LoginSession, LoginSession.account_id == Account.id)
        .where(LoginSession.token_hash == token_hash(session_token), Account.locked_at.is_(None))
    )
    if owner_id is None:
        return
    with scoped(Scope(account_id=owner_id)):
        _tell_database()
        _store(owner_id, request.path, at=at)
    with scoped(NOBODY):
        _tell_database()


def keep_for(account: Account, path: str, *, at: datetime) -> None:
    """For somebody who is signed in, in place of what was kept in this browser before."""
    _drop()
    _store(account.id, path, at=at)


def _store(owner_id: UUID, path: str, *, at: datetime) -> None:
    clear = json.dumps([path, _typed()], ensure_ascii=False).encode()
    if len(clear) > MOST_BYTES:
        return
    token, nonce = secrets.token_urlsafe(32), os.urandom(_NONCE_BYTES)
    _make_room(owner_id)
    row = KeptInput(account_id=owner_id, token_hash=token_hash(token), sealed=b"", created_at=at)
    row.sealed = nonce + _key(token, owner_id).encrypt(nonce, clear, row.id.bytes)
    db.session.add(row)
    db.session.flush()
    session[_TOKEN] = token


def found() -> dict[str, list[str]] | None:
    """What the signed-in account typed into the form at this address before; reading it again is possible."""
    row = _row()
    if row is None or row.created_at < clock.now() - retention.KEPT_INPUT.kept:
        return None
    nonce, sealed = row.sealed[:_NONCE_BYTES], row.sealed[_NONCE_BYTES:]
    try:
        clear = _key(session[_TOKEN], row.account_id).decrypt(nonce, sealed, row.id.bytes)
    except InvalidTag:
        return None
    path, typed = json.loads(clear)
    return cast(dict[str, list[str]], typed) if path == request.path else None


def carry_over(act: Callable[[], None]) -> None:
    """``act`` empties the form cookie; the token stays."""
    token = session.get(_TOKEN)
    act()
    if token is not None:
        session[_TOKEN] = token


def purge(*, at: datetime) -> None:
    statement = sa.delete(KeptInput).where(KeptInput.created_at < at - retention.KEPT_INPUT.kept)
    db.session.execute(statement, execution_options={"synchronize_session": False})


def _typed() -> Mapping[str, list[str]]:
    everything = request.form.to_dict(flat=False)
    return {name: values for name, values in everything.items() if name not in _NOT_TYPED}


def _row() -> KeptInput | None:
    token = session.get(_TOKEN)
    if not isinstance(token, str) or not current_user.is_authenticated:
        return None
    return db.session.scalar(
        sa.select(KeptInput).where(
            KeptInput.token_hash == token_hash(token), KeptInput.account_id == current_user.id
        )
    )


def _drop() -> None:
    row = _row()
    if row is not None:
        db.session.delete(row)
        session.pop(_TOKEN)


def _make_room(owner_id: UUID) -> None:
    newest = (
        sa.select(KeptInput.id)
        .where(KeptInput.account_id == owner_id)
        .order_by(KeptInput.id.desc())
        .limit(MOST_ROWS - 1)
    )
    kept = list(db.session.scalars(newest))
    db.session.execute(
        sa.delete(KeptInput).where(KeptInput.account_id == owner_id, KeptInput.id.not_in(kept)),
        execution_options={"synchronize_session": False},
    )


def _key(token: str, owner_id: UUID) -> AESGCM:
    secret = derived_key("kept input") + token.encode()
    return AESGCM(HKDF(SHA256(), 32, salt=owner_id.bytes, info=b"kept input").derive(secret))


def _tell_database() -> None:
    if db.engine.dialect.name == "postgresql":
        apply_scope(db.session.connection())
