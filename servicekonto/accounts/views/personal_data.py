"""What the person says about themselves, kept to be filled into forms."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import commands, current, keeping, kept_input, queries
from servicekonto.accounts.forms import PersonalDataForm, form_values
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.accounts.views.blueprint import bp, refuse
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError
from servicekonto.web.access import Permission, requires


@bp.get("/konto/daten")
@requires(Permission.OWN_ACCOUNT)
def personal_data() -> ResponseReturnValue:
    owner = current.current_account()
    if not keeping.may_keep(owner):
        return render_template("accounts/personal_data_not_kept.html")
    values = form_values(queries.attribute_values(owner))
    form = kept_input.refilled(PersonalDataForm(**values))
    return render_template("accounts/personal_data.html", form=form)


@bp.post("/konto/daten")
@requires(Permission.OWN_ACCOUNT)
@keeps_input
def personal_data_submit() -> ResponseReturnValue:
    form = PersonalDataForm(request.form)
    if form.validate() and _save(form):
        flash(gettext("Ihre Angaben sind gespeichert."), "success")
        return redirect(url_for(".account"), code=303)
    return render_template("accounts/personal_data.html", form=form), 422


def _save(form: PersonalDataForm) -> bool:
    owner = current.current_account()
    try:
        commands.save_personal_data(owner, form.attributes(), by=owner, at=clock.now())
    except InvalidInputError as error:
        for name, sentence in error.errors.items():
            refuse(form.field_of(name), sentence)
        return False
    return True
