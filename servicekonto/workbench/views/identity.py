"""At the counter: somebody shows an identity document and brings a code from their account."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import queries
from servicekonto.authorities import identity, labels
from servicekonto.authorities.current import current_staff
from servicekonto.authorities.identity_models import DocumentKind, IdentityCheck
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError, NotFoundError
from servicekonto.web.access import Permission, requires
from servicekonto.workbench.forms import IdentityCodeForm, IdentityForm
from servicekonto.workbench.views import bp


@bp.get("/identitaet")
@requires(Permission.VERIFY_IDENTITY)
def identity_code() -> ResponseReturnValue:
    return render_template("workbench/identity_code.html", form=IdentityCodeForm())


@bp.post("/identitaet")
@requires(Permission.VERIFY_IDENTITY)
def begin_identity_check() -> ResponseReturnValue:
    form = IdentityCodeForm()
    if form.validate():
        try:
            check = identity.begin(form.code.data or "", by=current_staff(), at=clock.now())
        except NotFoundError:
            form.code.errors = [gettext("Diesen Code gibt es nicht, oder er ist abgelaufen.")]
        else:
            return redirect(url_for(".identity_check", check_id=check.id), code=303)
    return render_template("workbench/identity_code.html", form=form), 422


@bp.get("/identitaet/<uuid:check_id>")
@requires(Permission.VERIFY_IDENTITY)
def identity_check(check_id: UUID) -> ResponseReturnValue:
    check = identity.begun(check_id, by=current_staff(), at=clock.now())
    return _page(check, _form(check))


@bp.post("/identitaet/<uuid:check_id>")
@requires(Permission.VERIFY_IDENTITY)
def confirm_identity(check_id: UUID) -> ResponseReturnValue:
    staff, at = current_staff(), clock.now()
    check = identity.begun(check_id, by=staff, at=at)
    form = _form(check)
    if form.validate():
        try:
            identity.confirm(
                check,
                form.names.data or [],
                DocumentKind(form.document.data),
                seen=request.form.get("seen", ""),
                by=staff,
                at=at,
            )
        except InvalidInputError:
            form.names.errors = [
                gettext(
                    "Familienname, Vornamen und Geburtsdatum müssen übereinstimmen, und der Ausweis muss "
                    "zeigen, was Sie bestätigen."
                )
            ]
        else:
            flash(gettext("Bestätigt. Die Person bekommt eine Nachricht."), "success")
            return redirect(url_for(".identity_code"), code=303)
    return _page(check, form), 422


def _form(check: IdentityCheck) -> IdentityForm:
    account = queries.get(check.account_id)
    state, shown = identity.state_of(account), labels.shown_attributes(account.attributes)
    can_be_seen = {name for names in identity.SHOWN_BY.values() for name in names}
    return IdentityForm([attribute for attribute in shown if attribute.name in can_be_seen], state)


def _page(check: IdentityCheck, form: IdentityForm) -> str:
    return render_template("workbench/identity_check.html", check=check, form=form)
