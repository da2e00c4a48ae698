"""Inviting people by mail."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import kept_input
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.authorities import invitations, queries
from servicekonto.authorities.current import current_staff
from servicekonto.authorities.models import StaffInvitation
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError
from servicekonto.web.access import Permission, requires
from servicekonto.web.idempotency import idempotent
from servicekonto.workbench.administration.forms import InvitationForm, refuse
from servicekonto.workbench.administration.views import bp


@bp.get("/beschaeftigte/einladen")
@requires(Permission.ADMINISTER_AUTHORITY)
def invite() -> ResponseReturnValue:
    return _page(kept_input.refilled(_form()))


@bp.post("/beschaeftigte/einladen")
@requires(Permission.ADMINISTER_AUTHORITY)
@keeps_input
@idempotent
def send_invitation() -> ResponseReturnValue:
    """The answer does not depend on whether the address has an account."""
    form = _form()
    if form.validate_on_submit() and _invite(form):
        flash(_("Die Einladung ist unterwegs. Der Link gilt 7 Tage."), "success")
        return redirect(url_for(".staff"), code=303)
    return _page(form), 422


@bp.post("/einladungen/<uuid:invitation_id>/senden")
@requires(Permission.ADMINISTER_AUTHORITY)
def send_again(invitation_id: UUID) -> ResponseReturnValue:
    invitations.send_again(_invitation(invitation_id), by=current_staff().account, at=clock.now())
    flash(_("Die Einladung ist noch einmal unterwegs. Der alte Link gilt nicht mehr."), "success")
    return redirect(url_for(".staff"), code=303)


@bp.post("/einladungen/<uuid:invitation_id>/zuruecknehmen")
@requires(Permission.ADMINISTER_AUTHORITY)
def withdraw(invitation_id: UUID) -> ResponseReturnValue:
    invitations.withdraw(_invitation(invitation_id), by=current_staff().account, at=clock.now())
    flash(_("Die Einladung ist zurückgenommen. Der Link gilt nicht mehr."), "success")
    return redirect(url_for(".staff"), code=303)


def _invitation(invitation_id: UUID) -> StaffInvitation:
    return invitations.get(invitation_id, current_staff().authority_id)


def _form() -> InvitationForm:
    return InvitationForm(queries.units_of(current_staff().authority_id))


def _invite(form: InvitationForm) -> bool:
    staff_member = current_staff()
    try:
        invitations.invite(
            staff_member.authority,
            form.address,
            display_name=form.name,
            units=form.chosen_units,
            roles=form.chosen_roles,
            by=staff_member.account,
            at=clock.now(),
        )
    except InvalidInputError as error:
        refuse(form, error.errors)
        return False
    return True


def _page(form: InvitationForm) -> str:
    return render_template("administration/invite.html", form=form)
