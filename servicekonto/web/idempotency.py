"""The same form sent twice does one thing. The key is in the form; its row is written with what it did."""

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from servicekonto.core import clock
from servicekonto.core.db import Base, db
from servicekonto.core.errors import ConflictError
from servicekonto.web.access import Permission, requires

View = TypeVar("View", bound=Callable[..., Any])

FIELD = "idempotency_key"

bp = Blueprint("idempotency", __name__)


class IdempotencyKey(Base):
    """Kept for 30 days. ``location`` is where the finished act sent the browser."""

    __tablename__ = "idempotency_key"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    key: Mapped[UUID]
    endpoint: Mapped[str] = mapped_column(sa.String(120))
    location: Mapped[str | None]
    created_at: Mapped[datetime]

    __table_args__ = (sa.UniqueConstraint("account_id", "key"), sa.Index(None, "created_at"))


def idempotency_field() -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, uuid4())


def idempotent(view: View) -> View:
    """For POST views behind ``requires``. A repeated key answers with the redirect of the first time."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        key = _key_of_request()
        record = _find(key) or _claim(key)
        if record.endpoint != request.endpoint:
            raise ConflictError("the key belongs to another form")
        if record.location is not None:
            return redirect(record.location, code=303)
        response = make_response(view(*args, **kwargs))
        _remember(record, response)
        return response

    return cast(View, guarded)


@bp.get("/vorgang/<uuid:key>")
@requires(Permission.OWN_ACCOUNT)
def outcome(key: UUID) -> ResponseReturnValue:
    """What became of a form that was sent without an answer coming back."""
    record = _find(key)
    if record is None or record.location is None:
        return render_template("errors/unknown_key.html"), 404
    return redirect(record.location, code=303)


def _key_of_request() -> UUID:
    try:
        return UUID(request.form[FIELD])
    except (KeyError, ValueError):
        abort(428)


def _find(key: UUID) -> IdempotencyKey | None:
    return db.session.scalar(
        sa.select(IdempotencyKey).where(
            IdempotencyKey.account_id == current_user.id, IdempotencyKey.key == key
        )
    )


def _claim(key: UUID) -> IdempotencyKey:
    """On PostgreSQL the insert waits for a concurrent one with the same key, and then fails."""
    record = IdempotencyKey(
        account_id=current_user.id, key=key, endpoint=request.endpoint, location=None, created_at=clock.now()
    )
    try:
        with db.session.begin_nested():
            db.session.add(record)
    except IntegrityError:
        record = cast(IdempotencyKey, _find(key))
    return record


def _remember(record: IdempotencyKey, response: Response) -> None:
    if 300 <= response.status_code < 400:
        record.location = response.location
    else:
        db.session.delete(record)  # nothing was done: the corrected form may use the key again
