"""Proving once more who is there: before something that matters, and to come to a higher level."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import current, factors, levels, queries, sessions, sign_in_flows
from servicekonto.accounts.forms import ConfirmForm
from servicekonto.accounts.sign_in_flows import Given, Started
from servicekonto.accounts.views.blueprint import bp, show
from servicekonto.accounts.views.security import path_of
from servicekonto.core import clock
from servicekonto.core.settings import settings
from servicekonto.web.access import Permission, own_units_of_work, requires


@bp.get("/anmelden/bestaetigen")
@requires(Permission.OWN_ACCOUNT)
def confirm() -> ResponseReturnValue:
    return render_template("accounts/confirm.html", form=ConfirmForm(), locked_factors=_locked_factors)


@bp.post("/anmelden/bestaetigen")
@requires(Permission.OWN_ACCOUNT)
@own_units_of_work
def confirm_submit() -> ResponseReturnValue:
    form, running = ConfirmForm(request.form), current.current_session()
    if form.validate():
        given = Given(
            password=form.password.data or "",
            code=form.code.data or "",
            assertion=form.assertion.data or "",
        )
        started = sign_in_flows.confirm(
            running.id, running.account_id, given, browser=current.browser(), at=clock.now()
        )
        if started:
            return current.welcome_back(started)
        form.form_errors.append(gettext("Das stimmt so nicht. Bitte versuchen Sie es noch einmal."))
    return show("confirm", status=422, form=form, locked_factors=_locked_factors)


def _locked_factors() -> list[tuple[str | None, str]]:
    """Name and page of those that prove nothing here until they are open again."""
    return [
        (found.name, url_for(".factor", kind=path_of(found), factor_id=found.id))
        for found in factors.locked_second(current.current_account())
    ]


@bp.post("/anmelden/bestaetigen/demo")
@requires(Permission.OWN_ACCOUNT)
def confirm_demonstration() -> ResponseReturnValue:
    """Who was signed in with one click knows no password."""
    account, running = current.current_account(), current.current_session()
    if not settings().is_demo or account.demo_label is None:
        abort(404)
    queries.demo_account(str(account.id))
    token = sessions.renew(running.id, levels.of_demonstration(account), clock.now())
    return current.welcome_back(Started(token=token, kind=account.kind))
