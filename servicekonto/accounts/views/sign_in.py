"""Signing in and out."""

from itertools import groupby
from operator import attrgetter

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel.speaklater import LazyString

from servicekonto.accounts import commands, current, password_flows, queries
from servicekonto.accounts.forms import SignInForm
from servicekonto.accounts.models import Account
from servicekonto.accounts.tiles import KIND_LABELS
from servicekonto.accounts.views.blueprint import bp, show
from servicekonto.core import clock
from servicekonto.core.settings import settings
from servicekonto.web.access import own_units_of_work, public


@bp.get("/anmelden")
@public
def sign_in() -> ResponseReturnValue:
    account = current.current_account_or_none()
    if account and not settings().is_demo:
        return redirect(current.wanted_page(current.landing_page(account.kind)), code=303)
    return render_template("accounts/sign_in.html", form=SignInForm(), demo_groups=_demo_groups)


@bp.post("/anmelden")
@public
@own_units_of_work
def sign_in_submit() -> ResponseReturnValue:
    form = SignInForm(request.form)
    if form.validate():
        password = form.password.data or ""
        started = password_flows.sign_in(form.address, password, browser=current.browser(), at=clock.now())
        if started:
            return current.welcome(started)
        form.form_errors.append(
            gettext("E-Mail-Adresse oder Passwort stimmt nicht. Oder die Adresse ist noch nicht bestätigt.")
        )
    return show("sign_in", status=422, form=form, demo_groups=_demo_groups)


@bp.post("/anmelden/demo")
@public
def demo_sign_in() -> ResponseReturnValue:
    """In a demonstration everybody may be everybody who was made for it."""
    if not settings().is_demo:
        abort(404)
    account = queries.demo_account(request.form.get("account_id", ""))
    return current.welcome(password_flows.start_session(account, browser=current.browser(), at=clock.now()))


@bp.post("/abmelden")
@public
def sign_out() -> ResponseReturnValue:
    if account := current.current_account_or_none():
        commands.sign_out(account, token=current.browser().token, at=clock.now())
    return current.farewell(url_for("accounts.signed_out"))


@bp.get("/abmelden")
@public
def signed_out() -> ResponseReturnValue:
    return render_template("accounts/signed_out.html")


def _demo_groups() -> list[tuple[LazyString, list[Account]]]:
    """Whom a demonstration offers, by kind. The template calls it, inside its unit of work."""
    if not settings().is_demo:
        return []
    accounts = queries.demo_accounts()
    return [(KIND_LABELS[kind], list(members)) for kind, members in groupby(accounts, attrgetter("kind"))]
