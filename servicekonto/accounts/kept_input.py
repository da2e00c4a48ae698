"""What somebody typed when their session had ended or had to be confirmed: given back, for an hour, after the
same account has signed in or confirmed.

The row is sealed under a key derived from the secret key, the account and a token that only this browser's
form cookie holds: neither the database alone nor another browser nor another account can open it. What was
typed for one authority is not opened for another.
"""

import functools
import json
import os
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, Response, current_app, g, make_response, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict
from wtforms import Form

from servicekonto.accounts.models import Account, LoginSession
from servicekonto.core import clock, retention
from servicekonto.core.db import Base, db
from servicekonto.core.scope import NOBODY, Scope, apply_scope, current_scope, scoped
from servicekonto.core.sealing import derived_key, token_hash

View = TypeVar("View", bound=Callable[..., Any])
AnyForm = TypeVar("AnyForm", bound=Form)

MOST_BYTES = 64 * 1024
MOST_ROWS = 5  # of one account: nobody fills the table with sessions that have ended
_TOKEN = "kept"  # noqa: S105 - the name of a value in the form cookie
_NONCE_BYTES = 12
_NO_AUTHORITY = UUID(int=0)

SECRETS = frozenset({"password", "current_password", "new_password", "code", "assertion", "answer"})
"""Names of fields whose content is never kept, whatever the form."""

_NOT_KEPT = SECRETS | {"csrf_token", "idempotency_key"}


class KeptInput(Base):
    """``sealed`` holds the address of the form too."""

    __tablename__ = "kept_input"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


def install(app: Flask) -> None:
    """The notice above a form that is filled in again, and the way to it."""
    app.jinja_env.globals.update(is_restored=is_restored)


def keeps_input(view: View) -> View:
    """For a POST view whose GET has the same address and shows ``found()``; answering drops what was kept."""
    return keeps_input_for(None)(view)


def keeps_input_for(page: str | None) -> Callable[[View], View]:
    """As ``keeps_input``, where the form stands on another page: its endpoint, which takes the same variables
    in its address (or none).
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            response: Response = make_response(view(*args, **kwargs))
            if _opened()[0] == request.path:  # what was kept for another form is still wanted
                _drop()
            return response

        guarded.keeps_input = True  # type: ignore[attr-defined]
        guarded.page_of_form = page  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def is_kept_here() -> bool:
    """A form without its token may come from another website: that must not put words into ours."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method == "POST" and hasattr(view, "keeps_input") and bool(g.get("csrf_valid"))


def page_of_form() -> str:
    """Where the form that is being sent stands, with what its address carries along; for views that keep."""
    page = getattr(current_app.view_functions[request.endpoint or ""], "page_of_form", None)
    query = request.full_path.partition("?")[2]
    return f"{_path_of(page)}?{query}" if query else _path_of(page)


def keep(session_token: str, *, scope_of: Callable[[Account], Scope], at: datetime) -> None:
    """``session_token``: of the session that has ended, whose account alone gets it back."""
    owner = db.session.scalar(
        sa.select(Account)
        .join(LoginSession, LoginSession.account_id == Account.id)
        .where(LoginSession.token_hash == token_hash(session_token), Account.locked_at.is_(None))
    )
    if owner is None:
        return
    with scoped(scope_of(owner)):
        _tell_database()
        _store(owner.id, request.path, at=at)
    with scoped(NOBODY):
        _tell_database()


def keep_for(account: Account, path: str, *, at: datetime) -> None:
    """For somebody who is signed in, in place of what was kept in this browser before. ``path``: where the
    form is sent to.
    """
    _drop()
    _store(account.id, path, at=at)


def _store(owner_id: UUID, path: str, *, at: datetime) -> None:
    clear = json.dumps([path, _typed()], ensure_ascii=False).encode()
    if len(clear) > MOST_BYTES:
        return
    token, nonce = secrets.token_urlsafe(32), os.urandom(_NONCE_BYTES)
    _make_room(owner_id)
    row = KeptInput(account_id=owner_id, token_hash=token_hash(token), sealed=b"", created_at=at)
    row.sealed = nonce + _key(token, owner_id).encrypt(nonce, clear, _bound_to(row))
    db.session.add(row)
    db.session.flush()
    session[_TOKEN] = token


def found(endpoint: str | None = None) -> dict[str, list[str]] | None:
    """What the signed-in account typed before into the form that is sent to ``endpoint``, with the variables
    of this address; None: to this address. The page then says so. Reading it again is possible.
    """
    path, typed = _opened()
    if typed is None or path != _path_of(endpoint):
        return None
    g.restored_form = path
    return typed


def refilled(form: AnyForm, endpoint: str | None = None) -> AnyForm:
    """The form as it was sent before, if it was (see ``found``)."""
    typed = found(endpoint)
    if typed is not None:
        form.process(MultiDict(typed))
    return form


def is_restored(action: str | None = None) -> bool:
    """Whether this page has filled in again what was kept; ``action``: in the form that is sent there."""
    path = g.get("restored_form")
    return path is not None and (action is None or urlsplit(action).path == path)


def _path_of(endpoint: str | None) -> str:
    return urlsplit(url_for(endpoint, **(request.view_args or {}))).path if endpoint else request.path


def _opened() -> tuple[str, dict[str, list[str]] | None]:
    """Asked once per request."""
    if "kept_input" not in g:
        g.kept_input = _open()
    return cast(tuple[str, dict[str, list[str]] | None], g.kept_input)


def _open() -> tuple[str, dict[str, list[str]] | None]:
    row = _row()
    if row is None or row.created_at < clock.now() - retention.KEPT_INPUT.kept:
        return "", None
    nonce, sealed = row.sealed[:_NONCE_BYTES], row.sealed[_NONCE_BYTES:]
    try:
        clear = _key(session[_TOKEN], row.account_id).decrypt(nonce, sealed, _bound_to(row))
    except InvalidTag:
        return "", None
    path, typed = json.loads(clear)
    return path, typed


def _bound_to(row: KeptInput) -> bytes:
    """Who has changed to another authority in between opens nothing of the one before."""
    return row.id.bytes + (current_scope().authority_id or _NO_AUTHORITY).bytes


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
    return {name: values for name, values in everything.items() if name not in _NOT_KEPT}


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
