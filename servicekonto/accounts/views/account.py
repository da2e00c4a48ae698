"""The signed-in person's own pages: overview, password, devices."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import commands, current, password_flows, queries, recovery, sessions
from servicekonto.accounts.forms import ChangePasswordForm
from servicekonto.accounts.sign_in_flows import Started
from servicekonto.accounts.tiles import tiles_for
from servicekonto.accounts.views.blueprint import bp, refuse, show
from servicekonto.core import clock
from servicekonto.web.access import Permission, own_units_of_work, requires


@bp.get("/konto")
@requires(Permission.OWN_ACCOUNT)
def account() -> ResponseReturnValue:
    owner = current.current_account()
    return render_template(
        "accounts/account.html",
        name=queries.display_name(owner),
        tiles=tiles_for(owner.kind),
        sessions=sessions.running_sessions(owner, at=clock.now()),
        this_session=current.current_session().id,
        reset=recovery.reset_of(owner),
    )


@bp.get("/konto/passwort")
@requires(Permission.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    return render_template(
        "accounts/change_password.html", form=ChangePasswordForm(), email=current.current_account().email
    )


@bp.post("/konto/passwort")
@requires(Permission.OWN_ACCOUNT)
@own_units_of_work
def change_password_submit() -> ResponseReturnValue:
    running = current.current_session()
    owner_id = running.account_id
    form = ChangePasswordForm(request.form)
    if form.validate():
        old, new = form.current_password.data or "", form.new_password.data or ""
        problem = password_flows.problem_with(new, account_id=owner_id)
        if problem is None:
            started = password_flows.change_password(
                running.id, owner_id, old, new, browser=current.browser(), at=clock.now()
            )
            if started:
                return _password_changed(started)
            refuse(form.current_password, gettext("Das ist nicht Ihr jetziges Passwort."))
        else:
            refuse(form.new_password, problem)
    return show("change_password", status=422, form=form)


def _password_changed(started: Started) -> ResponseReturnValue:
    response = current.welcome(started, target=url_for(".account"))
    flash(gettext("Ihr neues Passwort gilt. Alle anderen Geräte sind abgemeldet."), "success")
    return response


@bp.post("/konto/sitzungen/<uuid:session_id>/beenden")
@requires(Permission.OWN_ACCOUNT)
def end_session(session_id: UUID) -> ResponseReturnValue:
    commands.end_session(current.current_account(), session_id, at=clock.now())
    if session_id == current.current_session().id:
        return current.farewell(url_for(".signed_out"))
    flash(gettext("Das Gerät ist abgemeldet."), "success")
    return redirect(url_for(".account"), code=303)


@bp.post("/konto/sitzungen/beenden")
@requires(Permission.OWN_ACCOUNT)
def end_other_sessions() -> ResponseReturnValue:
    commands.end_other_sessions(current.current_account(), but=current.current_session().id, at=clock.now())
    flash(gettext("Alle anderen Geräte sind abgemeldet."), "success")
    return redirect(url_for(".account"), code=303)
