"""What citizens see of the authority: address, telephone, opening hours."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import kept_input
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.authorities import commands
from servicekonto.authorities.current import current_staff
from servicekonto.core import clock
from servicekonto.web.access import Permission, requires
from servicekonto.workbench.administration.forms import ContactForm
from servicekonto.workbench.administration.views import bp


@bp.get("/kontakt")
@requires(Permission.ADMINISTER_AUTHORITY)
def contact() -> ResponseReturnValue:
    return _page(kept_input.refilled(ContactForm(obj=current_staff().authority)))


@bp.post("/kontakt")
@requires(Permission.ADMINISTER_AUTHORITY)
@keeps_input
def save_contact() -> ResponseReturnValue:
    form, staff_member = ContactForm(), current_staff()
    if not form.validate_on_submit():
        return _page(form), 422
    commands.change_contact(staff_member.authority, form.contact, by=staff_member.account, at=clock.now())
    flash(_("Gespeichert. Bürgerinnen und Bürger sehen die neuen Angaben ab jetzt."), "success")
    return redirect(url_for(".index"), code=303)


def _page(form: ContactForm) -> str:
    return render_template("administration/contact.html", form=form, authority=current_staff().authority)
