"""Another address; and starting anew when everything is lost."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import current, kept_input, links, password_flows, recovery, throttle
from servicekonto.accounts.forms import EmailForm, NewPasswordForm
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.accounts.models import OneTimeLinkPurpose
from servicekonto.accounts.step_up import recently_confirmed
from servicekonto.accounts.views.blueprint import bp, refuse, show
from servicekonto.core import clock
from servicekonto.core.errors import NotFoundError
from servicekonto.web.access import Permission, own_units_of_work, public, requires


@bp.get("/konto/email")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def change_email() -> ResponseReturnValue:
    return render_template("accounts/change_email.html", form=kept_input.refilled(EmailForm()))


@bp.post("/konto/email")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
@keeps_input
def change_email_submit() -> ResponseReturnValue:
    form = EmailForm(request.form)
    if not form.validate():
        return render_template("accounts/change_email.html", form=form), 422
    recovery.request_email_change(
        current.current_account(),
        form.address,
        by_session=current.current_session().id,
        at=clock.now(),
    )
    flash(
        gettext("Wir haben einen Link an die neue Adresse geschickt. Sie gilt, sobald Sie ihn öffnen."),
        "success",
    )
    return redirect(url_for(".security"), code=303)


@bp.get("/konto-verloren")
@public
def lost_everything() -> ResponseReturnValue:
    return render_template("accounts/lost_everything.html", form=EmailForm())


@bp.post("/konto-verloren")
@public
def lost_everything_submit() -> ResponseReturnValue:
    form = EmailForm(request.form)
    if not form.validate():
        return render_template("accounts/lost_everything.html", form=form), 422
    at = clock.now()
    throttle.record(throttle.mail_attempt(address=request.remote_addr), at=at)
    recovery.ask_for_reset(form.address, at=at)
    return redirect(url_for(".lost_everything_sent"), code=303)


@bp.get("/konto-verloren/gesendet")
@public
def lost_everything_sent() -> ResponseReturnValue:
    return render_template("accounts/lost_everything_sent.html")


@bp.post("/konto/zuruecksetzen/stoppen")
@requires(Permission.OWN_ACCOUNT)
def stop_reset() -> ResponseReturnValue:
    recovery.stop_reset(current.current_account(), at=clock.now())
    flash(gettext("Das Zurücksetzen ist gestoppt. In Ihrem Konto bleibt alles, wie es ist."), "success")
    return redirect(url_for(".security"), code=303)


@bp.get("/konto-verloren/abschliessen/<token>")
@public
def finish_reset(token: str) -> ResponseReturnValue:
    if links.find(token, OneTimeLinkPurpose.FINISH_RESET, at=clock.now()) is None:
        return render_template("accounts/link_invalid.html", renew=".lost_everything"), 404
    return render_template("accounts/finish_reset.html", form=NewPasswordForm(), token=token)


@bp.post("/konto-verloren/abschliessen/<token>")
@public
@own_units_of_work
def finish_reset_submit(token: str) -> ResponseReturnValue:
    form, at = NewPasswordForm(request.form), clock.now()
    password = form.new_password.data or ""
    try:
        owner_id = password_flows.owner_of_link(token, OneTimeLinkPurpose.FINISH_RESET, at=at)
        if form.validate():
            problem = password_flows.problem_with(password, account_id=owner_id)
            if problem is None:
                password_flows.finish_reset(token, password, at=at)
                flash(gettext("Ihr neues Passwort gilt. Melden Sie sich damit an."), "success")
                return redirect(url_for(".sign_in"), code=303)
            refuse(form.new_password, problem)
    except NotFoundError:
        return show("link_invalid", status=404, renew=".lost_everything")
    return show("finish_reset", status=422, form=form, token=token)
