"""Each error becomes one answer: a page for people, problem+json (RFC 9457) for machines."""

import sqlite3
from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

import psycopg
import structlog
from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ThrottledError,
)
from servicekonto.core.scope import NOBODY, scoped
from servicekonto.web import i18n
from servicekonto.web.access import ask_to_sign_in
from servicekonto.web.correlation import correlation_id

STATUS: dict[type[Exception], int] = {
    NotFoundError: 404,
    NotAllowedError: 403,
    ConflictError: 409,
    StaleDataError: 409,
    InvalidInputError: 422,
    ThrottledError: 429,
    # A value that the database cannot hold or compare, such as a NUL in the address.
    DataError: 400,
    OperationalError: 503,
    # No connection became free in time, or one broke in the middle of what was being done.
    PoolTimeoutError: 503,
    PendingRollbackError: 503,
}

PAGES = frozenset({400, 403, 404, 405, 409, 413, 415, 422, 428, 429, 500, 503})
RETRY_AFTER_OUTAGE = 30  # seconds
KEY_FIELD = "idempotency_key"
SQLITE_IS_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})

log = structlog.get_logger()


def register(app: Flask) -> None:
    for error_type, status in STATUS.items():
        app.register_error_handler(error_type, _answer_with(status))
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(CSRFError, _form_of_another_session)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _answer_with(status: int) -> Callable[[Exception], ResponseReturnValue]:
    def answer(error: Exception) -> ResponseReturnValue:
        if isinstance(error, DBAPIError | PoolTimeoutError | PendingRollbackError):
            log.error("database_error", error=type(error).__name__)
        _note_refusal(status, type(error).__name__)
        throttled = error if isinstance(error, ThrottledError) else None
        response = respond(status, nothing_was_kept=_is_full(error), throttled=throttled)
        if throttled is not None:
            response.headers["Retry-After"] = str(throttled.retry_after)
        if status == 503:
            response.headers["Retry-After"] = str(RETRY_AFTER_OUTAGE)
        return response

    return answer


def _database_error(error: DBAPIError) -> ResponseReturnValue:
    """Some ends of a connection come under other names than OperationalError: 25P03, for instance."""
    return _answer_with(503)(error) if error.connection_invalidated else _unexpected(error)


def _form_of_another_session(_error: CSRFError) -> ResponseReturnValue:
    """Whose session ended while a form was open signs in again and finds the form."""
    _note_refusal(403, "CSRFError")
    view = current_app.view_functions.get(request.endpoint or "")
    with scoped(NOBODY), unit_of_work(read_only=True):
        is_signed_out = getattr(view, "access", "public") != "public" and not current_user.is_authenticated
    return ask_to_sign_in() if is_signed_out else respond(403, csrf_failed=True)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    _note_refusal(error.code, type(error).__name__)
    response = respond(error.code if error.code in PAGES else _nearest(error.code))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("unexpected_error", exc_info=error)
    return respond(500)


def _note_refusal(status: int, kind: str) -> None:
    """Who tries what they may not, and how often: by the id of the account, never by what was typed."""
    running = g.get("login_session")  # plain values (``accounts.current``): the database may be gone
    account_id = str(running.account_id) if running is not None else None
    if status < 500:
        log.info("refused", status=status, kind=kind, endpoint=request.endpoint, account_id=account_id)


def respond(
    status: int,
    *,
    csrf_failed: bool = False,
    nothing_was_kept: bool = False,
    throttled: ThrottledError | None = None,
) -> Response:
    """The same body for the same status, whatever the reason: a foreign object looks like an unknown one."""
    if _wants_json():
        return _problem(status)
    if status >= 500:
        _without_account()
    with scoped(NOBODY), unit_of_work(read_only=True):  # the page shows who is signed in
        body = render_template(
            f"errors/{status}.html",
            correlation_id=correlation_id(),
            csrf_failed=csrf_failed,
            nothing_was_kept=nothing_was_kept and request.method == "POST",
            sent_key=_sent_key() if status >= 500 else None,
            throttled=throttled,
        )
    return make_response(body, status)


def _without_account() -> None:
    """The database may be gone. Flask-Login would ask it who this is for every template."""
    i18n.without_account()
    g.setdefault("_login_user", AnonymousUserMixin())


def _sent_key() -> UUID | None:
    """The key of the form that was sent, to ask later what became of it."""
    try:
        return UUID(request.form.get(KEY_FIELD, ""))
    except (ValueError, HTTPException):
        return None


def _is_full(error: Exception) -> bool:
    """The database had no room. It says so before or instead of a commit, so nothing was kept; of an ordinary
    outage nobody can tell.
    """
    cause = error.orig if isinstance(error, DBAPIError) else None
    return isinstance(cause, psycopg.errors.DiskFull) or (
        getattr(cause, "sqlite_errorcode", None) in SQLITE_IS_FULL
    )


def _problem(status: int) -> Response:
    response = jsonify(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=gettext("Kennung für Rückfragen: %(id)s", id=correlation_id()),
        correlation_id=correlation_id(),
    )
    response.content_type = "application/problem+json"
    response.status_code = status
    return response


def _wants_json() -> bool:
    if request.path.startswith("/api/"):
        return True
    offered = ["text/html", "application/json", "application/problem+json"]
    return request.accept_mimetypes.best_match(offered, "text/html") != "text/html"


def _nearest(code: int) -> int:
    return 400 if code < 500 else 500
