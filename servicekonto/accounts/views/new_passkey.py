"""A new passkey. The browser makes it; this is the one thing that needs a script."""

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import current, passkeys, step_up
from servicekonto.accounts.factor_models import Passkey
from servicekonto.accounts.forms import PasskeyForm
from servicekonto.accounts.step_up import recently_confirmed
from servicekonto.accounts.views.blueprint import bp
from servicekonto.core import clock
from servicekonto.web.access import Permission, for_scripts, requires


@bp.get("/konto/sicherheit/passkey/neu")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def new_passkey() -> ResponseReturnValue:
    refusal = step_up.lead_to_adding(Passkey)
    if refusal is not None:
        return refusal
    return render_template("accounts/new_passkey.html", form=PasskeyForm(name=current.browser().device or ""))


@bp.post("/konto/sicherheit/passkey/optionen")
@for_scripts
@requires(Permission.OWN_ACCOUNT)
def new_passkey_question() -> ResponseReturnValue:
    return jsonify(passkeys.options_for_new(current.current_account(), at=clock.now()))


@bp.post("/konto/sicherheit/passkey/neu")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def new_passkey_submit() -> ResponseReturnValue:
    form = PasskeyForm(request.form)
    if form.validate():
        passkey = passkeys.register(
            current.current_account(),
            form.answer.data or "",
            form.name.data or "",
            level=step_up.level_for_factors(),
            at=clock.now(),
        )
        if passkey is not None:
            return redirect(url_for(".factor", kind="passkey", factor_id=passkey.id), code=303)
        form.form_errors.append(gettext("Der Passkey ließ sich nicht anlegen. Versuchen Sie es noch einmal."))
    return render_template("accounts/new_passkey.html", form=form), 422
