"""Who may use a view. Each carries exactly one of ``public`` and ``requires``; a test walks the URL map."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Flask, abort, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from servicekonto.core.db import unit_of_work

View = TypeVar("View", bound=Callable[..., Any])

_EXTENSION = "servicekonto.access"


class Permission(StrEnum):
    """What an account may do at all. On which rows is decided by scoped queries, never here."""

    OWN_ACCOUNT = "own_account"
    OWN_REQUESTS = "own_requests"
    PROCESS_REQUESTS = "process_requests"
    APPROVE_DECISIONS = "approve_decisions"
    ADMINISTER_AUTHORITY = "administer_authority"
    SEE_STATISTICS = "see_statistics"
    VERIFY_IDENTITY = "verify_identity"
    OPERATE = "operate"


Permissions = frozenset[Permission]
PermissionSource = Callable[[Any], Permissions]
"""From an account to what it may do. Packages above register theirs."""


Guard = Callable[[Permission], ResponseReturnValue | None]
"""Asked when somebody has the permission: an answer instead of the page, such as the way to a second
factor.
"""


@dataclass(frozen=True)
class _Access:
    sources: tuple[PermissionSource, ...]
    guard: Guard


def install(app: Flask, *sources: PermissionSource, guard: Guard) -> None:
    app.extensions[_EXTENSION] = _Access(sources, guard)


def public(view: View) -> View:
    """Anybody, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """Signed in and with this permission; otherwise 303 to the sign-in page, 403, or 404 for one object."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if hasattr(guarded, "own_units_of_work"):
                with unit_of_work(read_only=True):  # closed again before the slow work begins
                    refusal = _refusal(permission)
            else:
                refusal = _refusal(permission)
            return cast(ResponseReturnValue, view(*args, **kwargs)) if refusal is None else refusal

        guarded.access = permission  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def _refusal(permission: Permission) -> ResponseReturnValue | None:
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    if permission not in current_permissions():
        abort(404 if _names_something_private() else 403)
    return _installed().guard(permission)


def _names_something_private() -> bool:
    """Whether a request or a message exists is nobody's business who could never see one like it."""
    return any(isinstance(value, UUID) for value in (request.view_args or {}).values())


def ask_to_sign_in() -> ResponseReturnValue:
    return cast(ResponseReturnValue, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]


def writes_on_get(view: View) -> View:
    """For the few GETs that must leave a trace; they are listed in a test."""
    view.writes_on_get = True  # type: ignore[attr-defined]
    return view


def own_units_of_work(view: View) -> View:
    """The view opens its own units of work, because it does slow work with no transaction open."""
    view.own_units_of_work = True  # type: ignore[attr-defined]
    return view


def for_scripts(view: View) -> View:
    """Asked by a script, not by a person: 401 instead of the way to the sign-in page, and a GET is no use of
    the session.
    """
    view.for_scripts = True  # type: ignore[attr-defined]
    return view


def for_machines(view: View) -> View:
    """Asked by the server of a website, or by its script without cookies: no session, no forms, no page. What
    runs around each request and is meant for people does not run (``application.Servicekonto``).
    """
    view.for_machines = True  # type: ignore[attr-defined]
    return view


def constant(view: View) -> View:
    """The same answer to everybody as long as the process lives: later requests do not reach the view."""
    view.constant = True  # type: ignore[attr-defined]
    return view


def is_for_scripts() -> bool:
    return hasattr(current_app.view_functions.get(request.endpoint or ""), "for_scripts")


def current_permissions() -> Permissions:
    """Of the signed-in account; empty when signed out. Asked once per request."""
    if not current_user.is_authenticated:
        return frozenset()
    if "permissions" not in g:
        sources = _installed().sources
        g.permissions = frozenset().union(*(source(current_user) for source in sources))
    return cast(Permissions, g.permissions)


def _installed() -> _Access:
    return cast(_Access, current_app.extensions[_EXTENSION])
