"""Signing in and out."""

from itertools import groupby
from operator import attrgetter

from flask import abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel.speaklater import LazyString

from servicekonto.accounts import commands, current, passkeys, queries, sign_in_flows, throttle
from servicekonto.accounts.forms import SignInForm
from servicekonto.accounts.models import Account
from servicekonto.accounts.sign_in_flows import Given
from servicekonto.accounts.tiles import KIND_LABELS
from servicekonto.accounts.views.blueprint import bp, show
from servicekonto.core import clock
from servicekonto.core.errors import ThrottledError
from servicekonto.core.settings import settings
from servicekonto.web.access import for_scripts, own_units_of_work, public


@bp.get("/anmelden")
@public
def sign_in() -> ResponseReturnValue:
    account = current.current_account_or_none()
    if account and not settings().is_demo:
        return redirect(current.wanted_page(current.landing_page(account.kind)), code=303)
    form = SignInForm(email=current.suggested_address())
    return render_template("accounts/sign_in.html", form=form, demo_groups=_demo_groups)


@bp.post("/anmelden")
@public
@own_units_of_work
def sign_in_submit() -> ResponseReturnValue:
    form = SignInForm(request.form)
    if form.validate():
        given = Given(password=form.password.data or "", code=form.code.data or "")
        try:
            started = sign_in_flows.sign_in(form.address, given, browser=current.browser(), at=clock.now())
        except ThrottledError as error:
            error.passkey_works = throttle.SIGN_IN_ALL not in error.rules and passkeys.are_possible()
            raise
        if started:
            return current.welcome(started)
        form.form_errors.append(_refused())
    return show("sign_in", status=422, form=form, demo_groups=_demo_groups)


@bp.post("/anmelden/passkey/optionen")
@public
@for_scripts
def passkey_question() -> ResponseReturnValue:
    """For signing in and for confirming alike, the same for everybody."""
    return jsonify(passkeys.options_for_use(at=clock.now()))


@bp.post("/anmelden/passkey")
@public
@own_units_of_work
def sign_in_with_passkey() -> ResponseReturnValue:
    assertion = request.form.get("assertion", "")
    started = sign_in_flows.sign_in_with_passkey(assertion, browser=current.browser(), at=clock.now())
    if started:
        return current.welcome(started)
    form = SignInForm()
    form.form_errors.append(
        gettext("Mit diesem Passkey hat es nicht geklappt. Versuchen Sie es noch einmal.")
    )
    return show("sign_in", status=422, form=form, demo_groups=_demo_groups)


@bp.post("/anmelden/demo")
@public
def demo_sign_in() -> ResponseReturnValue:
    """In a demonstration everybody may be everybody who was made for it."""
    if not settings().is_demo:
        abort(404)
    account = queries.demo_account(request.form.get("account_id", ""))
    started = sign_in_flows.start_demonstration(account, browser=current.browser(), at=clock.now())
    return current.welcome(started)


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


def _refused() -> str:
    """One sentence for whatever was wrong."""
    return str(
        gettext(
            "Das stimmt so nicht: E-Mail-Adresse, Passwort oder Einmalcode. Haben Sie einen zweiten Faktor "
            "eingerichtet? Dann gehört er dazu. Oder die Adresse ist noch nicht bestätigt."
        )
    )


def _demo_groups() -> list[tuple[LazyString, list[Account]]]:
    """Whom a demonstration offers, by kind. The template calls it, inside its unit of work."""
    if not settings().is_demo:
        return []
    accounts = queries.demo_accounts()
    return [(KIND_LABELS[kind], list(members)) for kind, members in groupby(accounts, attrgetter("kind"))]
