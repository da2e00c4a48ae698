"""What the owner has agreed to: giving, withdrawing, and the history."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts.current import current_account
from servicekonto.core import clock
from servicekonto.data_protection import queries
from servicekonto.data_protection.commands import consents as commands
from servicekonto.data_protection.purposes import WORDINGS, Purpose
from servicekonto.data_protection.views.blueprint import bp
from servicekonto.web.access import Permission, requires

LEADS_TO = {Purpose.PERMANENT_STORAGE: "accounts.personal_data"}
"""Where what was agreed to can be used at once."""


@bp.get("/einwilligungen")
@requires(Permission.OWN_ACCOUNT)
def consents() -> ResponseReturnValue:
    history = queries.consents_of(current_account())
    in_force = {consent.purpose: consent for consent in history if consent.withdrawn_at is None}
    return render_template(
        "data_protection/consents.html", wordings=WORDINGS, in_force=in_force, history=history
    )


@bp.post("/einwilligungen/<purpose>")
@requires(Permission.OWN_ACCOUNT)
def give_consent(purpose: str) -> ResponseReturnValue:
    owner, found = current_account(), _purpose(purpose)
    commands.give(owner, found, by=owner, at=clock.now())
    flash(_("Ihre Einwilligung ist gespeichert. Sie können sie jederzeit widerrufen."), "success")
    return redirect(url_for(LEADS_TO.get(found, ".consents")), code=303)


@bp.get("/einwilligungen/<purpose>/widerrufen")
@requires(Permission.OWN_ACCOUNT)
def confirm_withdrawal(purpose: str) -> ResponseReturnValue:
    found = _purpose(purpose)
    return render_template("data_protection/withdraw_consent.html", purpose=found, wording=WORDINGS[found])


@bp.post("/einwilligungen/<purpose>/widerrufen")
@requires(Permission.OWN_ACCOUNT)
def withdraw_consent(purpose: str) -> ResponseReturnValue:
    owner = current_account()
    commands.withdraw(owner, _purpose(purpose), by=owner, at=clock.now())
    flash(_("Ihre Einwilligung ist widerrufen."), "success")
    return redirect(url_for(".consents"), code=303)


def _purpose(text: str) -> Purpose:
    try:
        return Purpose(text)
    except ValueError:
        abort(404)
