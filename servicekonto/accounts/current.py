"""Who is signed in: from the cookie to the account, and back to the page that was wanted.

The cookie holds a random token and nothing else. Flask's own cookie keeps the CSRF seed, messages and the
wanted page; it is emptied when somebody signs in or out. A third one, which outlives the browser's session,
only tells whether an account was used in this browser before.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, Response, flash, g, has_request_context, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response as BaseResponse

from servicekonto.accounts import kept_input, sessions
from servicekonto.accounts.devices import Browser, name_of
from servicekonto.accounts.models import Account, AccountKind, AssuranceLevel, LoginSession
from servicekonto.accounts.sign_in_flows import Started
from servicekonto.core import clock, retention
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import Scope, apply_scope, narrow_to
from servicekonto.core.sealing import opened_from_address, sealed_for_address
from servicekonto.core.settings import settings
from servicekonto.web.access import is_for_scripts
from servicekonto.web.navigation import url_if_exists

SESSION_COOKIE = "servicekonto"
DEVICE_COOKIE = "servicekonto-geraet"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_WANTED = "wanted"
_SUGGESTED = "suggested_address"
_NOBODY_YET = UUID(int=0)
_OWN_PATH = re.compile(r"/(?!/)[^\x00-\x20\x7f\\]*")

LANDING_PAGES: dict[AccountKind, str] = {
    AccountKind.CITIZEN: "accounts.account",
    AccountKind.STAFF: "administration.landing",
    AccountKind.OPERATOR: "operations.index",
}

scope_of: list[Callable[[Account], Scope | None]] = []
"""For accounts that are not citizens: packages above add a function; the first that gives a scope counts."""


@dataclass(frozen=True)
class CurrentSession:
    """Plain values: they outlive the unit of work that read them."""

    id: UUID
    account_id: UUID
    level: AssuranceLevel
    level_since: datetime
    created_at: datetime
    authenticated_at: datetime
    last_seen_at: datetime


def install(app: Flask) -> None:
    """The signed-in account, for views and templates."""
    manager = LoginManager()
    manager.session_protection = None  # the session is a row; Flask-Login keeps nothing in Flask's cookie
    manager.request_loader(_load_account)
    manager.unauthorized_handler(ask_to_sign_in)
    manager.init_app(app)
    app.after_request(_touch)
    kept_input.install(app)
    app.context_processor(_for_templates)


def current_account() -> Account:
    """Only in views that require a permission, and inside a unit of work."""
    return cast(Account, current_user._get_current_object())


def current_account_or_none() -> Account | None:
    """For pages that are open to everybody."""
    if not has_request_context() or not current_user.is_authenticated:
        return None
    return current_account()


def chosen_language() -> str | None:
    """For ``web.i18n``: asked inside a unit of work."""
    account = current_account_or_none()
    return account.language if account else None


def current_session() -> CurrentSession:
    """Only in views that require a permission."""
    return cast(CurrentSession, g.login_session)


def session_ends_in() -> int:
    """In seconds, if nothing happens any more; 0 for whoever is not signed in."""
    running: CurrentSession | None = g.get("login_session")
    if running is None:
        return 0
    at = clock.now()
    return max(0, int((sessions.ends_at(seen_at(running, at)) - at).total_seconds()))


def seen_at(running: CurrentSession, at: datetime) -> CurrentSession:
    """As it will be when this use of it is noted."""
    is_due = sessions.is_due_for_touch(running.last_seen_at, at=at)
    return replace(running, last_seen_at=at) if is_due else running


def browser() -> Browser:
    """The browser this request came from."""
    return Browser(
        address=request.remote_addr,
        device=name_of(request.user_agent.string),
        token=_cookie_token(),
        known_as=_random_token(DEVICE_COOKIE),
    )


def welcome(started: Started, *, target: str | None = None) -> Response:
    """The answer that starts the session in this browser and leads on, to the page that was wanted first."""
    target = target or wanted_page(default=landing_page(started.kind))
    kept_input.carry_over(session.clear)
    return _with_token(redirect(target, code=303), started)


def welcome_back(started: Started, *, target: str | None = None) -> Response:
    """The same session under a new token; forms that are open in other tabs stay good."""
    target = target or wanted_page(default=landing_page(started.kind))
    session.pop(_WANTED, None)
    return _with_token(redirect(target, code=303), started)


def farewell(target: str) -> Response:
    """The answer that ends the session in the browser."""
    session.clear()
    response = cast(Response, redirect(target, code=303))
    _drop_cookie(response)
    # Not "cookies": that would also sign the person out of every other website under our domain.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def wanted_page(default: str) -> str:
    """The page that sent the browser to the sign-in page, or the default."""
    wanted = session.get(_WANTED)
    return wanted if isinstance(wanted, str) and _is_own_path(wanted) else default


def landing_page(kind: AccountKind) -> str:
    return url_if_exists(LANDING_PAGES[kind]) or url_for("accounts.account")


def want_this_page() -> None:
    """``wanted_page`` leads back to it."""
    session[_WANTED] = _page_to_return_to()


def suggest_address(address: str | None) -> None:
    """The sign-in page begins with it, until somebody signs in or out. Sealed: the cookie tells nobody."""
    if address is not None:
        session[_SUGGESTED] = sealed_for_address(_SUGGESTED, address, reader=_NOBODY_YET)
    elif _SUGGESTED in session:
        del session[_SUGGESTED]


def suggested_address() -> str | None:
    sealed = session.get(_SUGGESTED)
    return opened_from_address(_SUGGESTED, sealed, reader=_NOBODY_YET) if isinstance(sealed, str) else None


def ask_to_sign_in() -> ResponseReturnValue:
    """303 to the sign-in page; it leads back to the wanted page. A script gets a plain 401."""
    if is_for_scripts():
        return Response("{}", status=401, mimetype="application/json")
    want_this_page()
    token = _cookie_token()
    if token is not None and kept_input.is_kept_here():
        kept_input.keep(token, scope_of=_scope, at=clock.now())
    response = cast(Response, redirect(url_for("accounts.sign_in"), code=303))
    if token is None:
        flash(gettext("Bitte melden Sie sich an. Danach geht es hier weiter."), "info")
    else:
        flash(
            gettext("Sie waren lange nicht aktiv oder haben sich abgemeldet. Bitte melden Sie sich neu an."),
            "info",
        )
        _drop_cookie(response)
    return response


def _for_templates() -> dict[str, object]:
    return {"current_account": current_account_or_none(), "session_ends_in": session_ends_in}


def _load_account(_request: object) -> Account | None:
    token, at = _cookie_token(), clock.now()
    login_session = sessions.load(token, at) if token else None
    if login_session is None:
        return None
    g.login_session = CurrentSession(
        id=login_session.id,
        account_id=login_session.account_id,
        level=sessions.level_at(login_session, at=at),
        level_since=login_session.level_since,
        created_at=login_session.created_at,
        authenticated_at=login_session.authenticated_at,
        last_seen_at=login_session.last_seen_at,
    )
    _narrow_scope(login_session)
    return login_session.account


def _narrow_scope(login_session: LoginSession) -> None:
    """From here on PostgreSQL shows this transaction, and the next ones of this request, what is theirs."""
    narrow_to(_scope(login_session.account))
    if db.engine.dialect.name == "postgresql":
        apply_scope(db.session.connection())


def _scope(account: Account) -> Scope:
    if account.kind is AccountKind.CITIZEN:
        return Scope(account_id=account.id)
    found = (source(account) for source in scope_of)
    return next((scope for scope in found if scope is not None), Scope(account_id=account.id))


def _touch(response: Response) -> Response:
    current: CurrentSession | None = g.get("login_session")
    at = clock.now()
    if current is None or (request.method == "GET" and is_for_scripts()):
        return response
    if sessions.is_due_for_touch(current.last_seen_at, at=at):
        with unit_of_work():
            sessions.touch(current.id, current.level, at)
    return response


def _with_token(answer: BaseResponse, started: Started) -> Response:
    response = cast(Response, answer)
    _set_cookie(response, SESSION_COOKIE, started.token)
    if started.known_as is not None:
        _set_cookie(response, DEVICE_COOKIE, started.known_as, kept=retention.DEVICES.kept)
    return response


def _set_cookie(response: Response, name: str, token: str, *, kept: timedelta | None = None) -> None:
    """``kept`` None: until the browser is closed."""
    is_secure = settings().uses_https
    response.set_cookie(
        _cookie_name(name), token, max_age=kept, secure=is_secure, httponly=True, samesite="Lax", path="/"
    )


def _cookie_name(name: str) -> str:
    return f"__Host-{name}" if settings().uses_https else name


def _cookie_token() -> str | None:
    return _random_token(SESSION_COOKIE)


def _random_token(name: str) -> str | None:
    token = request.cookies.get(_cookie_name(name), "")
    return token if _TOKEN.fullmatch(token) else None


def _drop_cookie(response: Response) -> None:
    response.delete_cookie(
        _cookie_name(SESSION_COOKIE), secure=settings().uses_https, httponly=True, samesite="Lax", path="/"
    )


def _page_to_return_to() -> str:
    """A POST cannot be repeated for somebody; the page with its form can be shown again."""
    if request.method == "GET":
        return request.full_path.removesuffix("?")
    if kept_input.is_kept_here():
        return kept_input.page_of_form()
    referrer = urlsplit(request.referrer or "")
    return referrer.path if referrer.netloc == request.host else url_for("accounts.account")


def _is_own_path(path: str) -> bool:
    return len(path) <= 1000 and bool(_OWN_PATH.fullmatch(path))
