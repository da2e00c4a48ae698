"""Some pages want to know it again: that it is the owner, within ten minutes; or more surely, with two
factors.

Both lead to ``accounts.confirm`` and from there back to the page.
"""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

from flask import Response, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import current, factors, history, kept_input, levels
from servicekonto.accounts.history_models import Method
from servicekonto.accounts.models import AccountKind, AssuranceLevel
from servicekonto.core import clock
from servicekonto.web.access import Permission, is_for_scripts

View = TypeVar("View", bound=Callable[..., Any])

RECENT = timedelta(minutes=10)


def guard(permission: Permission) -> ResponseReturnValue | None:
    """For ``web.access.install``: what this permission needs more than the session has."""
    needed = levels.NEEDED.get(permission)
    return lead_to(needed) if needed is not None else None


def lead_to(needed: AssuranceLevel) -> ResponseReturnValue | None:
    """None when this session has reached the level. Works inside a unit of work."""
    running = current.current_session()
    if running.level.reaches(needed):
        return None
    if is_for_scripts():
        return too_low_for_script()
    if not factors.reachable(running.account_id).reaches(needed):
        flash(gettext("Dafür brauchen Sie einen zweiten Faktor. Richten Sie ihn hier ein."), "info")
        _come_back_here()
        return redirect(url_for("accounts.security"), code=303)
    return ask(gettext("Dafür müssen Sie sich mit zwei Faktoren anmelden."))


def too_low_for_script() -> Response:
    """A script cannot be led anywhere; the page it belongs to can."""
    return Response("{}", status=403, mimetype="application/json")


def lead_to_adding(model: type[factors.SecondFactor]) -> ResponseReturnValue | None:
    """None when this session is sure enough for a new factor of this kind."""
    return _lead_to_changing(factors.needed_to_add(current.current_account(), model))


def lead_to_removing(factor: factors.SecondFactor) -> ResponseReturnValue | None:
    """None when this session is sure enough for removing it."""
    return _lead_to_changing(factors.needed_to_remove(current.current_account(), factor))


def level_for_factors() -> AssuranceLevel:
    """What this session proves where factors are added or removed."""
    return AssuranceLevel.BASIC if needs_a_reset() else current.current_session().level


def needs_a_reset() -> bool:
    """Staff and operators whose last proof was a recovery code: it lets them in, and somebody else has to
    look before they set up another factor (TR-03160-1 § 4.5).
    """
    owner, running = current.current_account(), current.current_session()
    if owner.kind is AccountKind.CITIZEN or not factors.has_second(owner.id):
        return False
    by_code = Method.PASSWORD_AND_RECOVERY_CODE
    return history.was_proved_by(owner.id, by_code, at=running.authenticated_at)


def _lead_to_changing(needed: AssuranceLevel) -> ResponseReturnValue | None:
    if level_for_factors().reaches(needed):
        return None
    if needs_a_reset():
        flash(
            gettext("Mit einem Notfallcode können Sie das nicht ändern. Wer Ihnen hilft, steht hier."), "info"
        )
        return redirect(url_for("accounts.security"), code=303)
    return lead_to(needed)


def recently_confirmed(view: View) -> View:
    """Below ``requires``: the last proof is at most ten minutes old (ASVS 7.5.1)."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if is_recent():
            return cast(ResponseReturnValue, view(*args, **kwargs))
        return ask(gettext("Das ist eine wichtige Änderung. Bestätigen Sie bitte vorher, dass Sie es sind."))

    guarded.is_sensitive = True  # type: ignore[attr-defined]
    return cast(View, guarded)


def is_recent() -> bool:
    return clock.now() - current.current_session().authenticated_at <= RECENT


def ask(reason: str) -> ResponseReturnValue:
    """To the page that asks who is there, and back to this one."""
    _come_back_here()
    flash(reason, "info")
    return redirect(url_for("accounts.confirm"), code=303)


def _come_back_here() -> None:
    """With what was typed."""
    current.want_this_page()
    keep_what_was_typed()


def keep_what_was_typed() -> None:
    """Where the form shows it again. A view with units of work of its own keeps nothing: here its transaction
    only reads.
    """
    if kept_input.is_kept_here() and not _has_own_units_of_work():
        kept_input.keep_for(current.current_account(), request.path, at=clock.now())


def _has_own_units_of_work() -> bool:
    return hasattr(current_app.view_functions[request.endpoint or ""], "own_units_of_work")
