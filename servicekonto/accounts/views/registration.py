"""A new account: the form, the mail's link, its confirmation."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import commands, current, password_flows, password_policy, queries
from servicekonto.accounts.forms import RegistrationForm
from servicekonto.accounts.models import AccountKind
from servicekonto.accounts.views.blueprint import bp, refuse, show
from servicekonto.core import clock
from servicekonto.core.errors import NotFoundError
from servicekonto.web import i18n
from servicekonto.web.access import own_units_of_work, public


@bp.get("/registrieren")
@public
def register() -> ResponseReturnValue:
    return render_template("accounts/register.html", form=RegistrationForm())


@bp.post("/registrieren")
@public
@own_units_of_work
def register_submit() -> ResponseReturnValue:
    """The answer is the same whether the address has an account or not; the mail tells."""
    form, at = RegistrationForm(request.form), clock.now()
    password = form.password.data or ""
    form.validate()
    password_flows.count_registration(
        browser=current.browser(), at=at
    )  # before the estimate, which takes time
    problem = password_policy.problem(password, kind=AccountKind.CITIZEN, personal=[form.email.data or ""])
    if problem and not form.password.errors:
        refuse(form.password, problem)
    if not form.errors:
        password_flows.register(form.address, password, language=i18n.chosen(), at=at)
        return redirect(url_for(".registration_sent"), code=303)
    return show("register", status=422, form=form)


@bp.get("/registrieren/gesendet")
@public
def registration_sent() -> ResponseReturnValue:
    return render_template("accounts/registration_sent.html")


@bp.get("/registrieren/bestaetigen/<token>")
@public
def confirm_email(token: str) -> ResponseReturnValue:
    """Only a button: programs that scan mails open every link."""
    if not queries.is_confirmation_link(token, at=clock.now()):
        return render_template("accounts/link_invalid.html", renew=".register"), 404
    return render_template("accounts/confirm_email.html", token=token)


@bp.post("/registrieren/bestaetigen/<token>")
@public
def confirm_email_submit(token: str) -> ResponseReturnValue:
    try:
        commands.confirm_email(token, at=clock.now())
    except NotFoundError:
        return render_template("accounts/link_invalid.html", renew=".register"), 404
    flash(gettext("Ihre E-Mail-Adresse ist bestätigt. Sie können sich jetzt anmelden."), "success")
    return redirect(url_for(".sign_in"), code=303)
