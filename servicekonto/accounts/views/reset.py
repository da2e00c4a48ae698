"""A forgotten password: the mail's link leads to a new one. Nobody is signed in by it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import commands, password_flows, queries, throttle
from servicekonto.accounts.forms import EmailForm, NewPasswordForm
from servicekonto.accounts.models import OneTimeLinkPurpose
from servicekonto.accounts.views.blueprint import bp, refuse, show
from servicekonto.core import clock
from servicekonto.core.errors import NotFoundError
from servicekonto.web.access import own_units_of_work, public


@bp.get("/passwort-vergessen")
@public
def forgot_password() -> ResponseReturnValue:
    return render_template("accounts/forgot_password.html", form=EmailForm())


@bp.post("/passwort-vergessen")
@public
def forgot_password_submit() -> ResponseReturnValue:
    form = EmailForm(request.form)
    if not form.validate():
        return render_template("accounts/forgot_password.html", form=form), 422
    at = clock.now()
    throttle.record(throttle.mail_attempt(address=request.remote_addr), at=at)
    commands.request_password_reset(form.address, at=at)
    return redirect(url_for(".forgot_password_sent"), code=303)


@bp.get("/passwort-vergessen/gesendet")
@public
def forgot_password_sent() -> ResponseReturnValue:
    return render_template("accounts/forgot_password_sent.html")


@bp.get("/passwort-neu/<token>")
@public
def reset_password(token: str) -> ResponseReturnValue:
    if queries.account_of_reset_link(token, at=clock.now()) is None:
        return render_template("accounts/link_invalid.html", renew=".forgot_password"), 404
    return render_template("accounts/reset_password.html", form=NewPasswordForm(), token=token)


@bp.post("/passwort-neu/<token>")
@public
@own_units_of_work
def reset_password_submit(token: str) -> ResponseReturnValue:
    at = clock.now()
    form = NewPasswordForm(request.form)
    password = form.new_password.data or ""
    try:
        account_id = password_flows.owner_of_link(token, OneTimeLinkPurpose.RESET_PASSWORD, at=at)
        if form.validate():
            problem = password_flows.problem_with(password, account_id=account_id)
            if problem is None:
                password_flows.reset_password(token, password, at=at)
                return _done()
            refuse(form.new_password, problem)
    except NotFoundError:
        return show("link_invalid", status=404, renew=".forgot_password")
    return show("reset_password", status=422, form=form, token=token)


def _done() -> ResponseReturnValue:
    flash(gettext("Ihr neues Passwort gilt. Melden Sie sich damit an."), "success")
    return redirect(url_for(".sign_in"), code=303)
