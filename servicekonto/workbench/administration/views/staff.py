"""Who works here, with which roles, in which units."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts.step_up import recently_confirmed
from servicekonto.authorities import commands, invitations, queries
from servicekonto.authorities.current import current_staff
from servicekonto.authorities.models import StaffMember
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError
from servicekonto.web.access import Permission, requires
from servicekonto.workbench.administration.forms import ROLE_NAMES, StaffForm, refuse
from servicekonto.workbench.administration.views import bp


@bp.get("/beschaeftigte")
@requires(Permission.ADMINISTER_AUTHORITY)
def staff() -> ResponseReturnValue:
    authority = current_staff().authority
    return render_template(
        "administration/staff.html",
        authority=authority,
        members=queries.staff_of(authority.id),
        invitations=invitations.open_invitations(authority.id),
        units={str(unit.id): unit.name for unit in queries.units_of(authority.id)},
        role_names=ROLE_NAMES,
        now=clock.now(),
    )


@bp.get("/beschaeftigte/<uuid:staff_member_id>")
@requires(Permission.ADMINISTER_AUTHORITY)
def staff_member(staff_member_id: UUID) -> ResponseReturnValue:
    return _page(_member(staff_member_id))


@bp.post("/beschaeftigte/<uuid:staff_member_id>")
@requires(Permission.ADMINISTER_AUTHORITY)
def change_staff_member(staff_member_id: UUID) -> ResponseReturnValue:
    member = _member(staff_member_id)
    form = _form(member)
    if form.validate_on_submit() and _change(member, form):
        flash(_("Die Angaben zu %(name)s sind gespeichert.", name=member.display_name), "success")
        return redirect(url_for(".staff"), code=303)
    return _page(member, form), 422


@bp.post("/beschaeftigte/<uuid:staff_member_id>/deaktivieren")
@requires(Permission.ADMINISTER_AUTHORITY)
def deactivate(staff_member_id: UUID) -> ResponseReturnValue:
    member = _member(staff_member_id)
    try:
        commands.deactivate_staff_member(member, by=current_staff().account, at=clock.now())
    except InvalidInputError as error:
        form = _form(member)
        refuse(form, error.errors)
        return _page(member, form), 422
    flash(
        _("%(name)s ist abgemeldet und hat keinen Zugang mehr. Offene Anträge sind wieder frei.",
          name=member.display_name), "success",
    )  # fmt: skip
    return redirect(url_for(".staff"), code=303)


@bp.post("/beschaeftigte/<uuid:staff_member_id>/faktoren")
@requires(Permission.ADMINISTER_AUTHORITY)
@recently_confirmed
def reset_factors(staff_member_id: UUID) -> ResponseReturnValue:
    member = _member(staff_member_id)
    commands.reset_factors(member, by=current_staff().account, at=clock.now())
    flash(
        _("%(name)s richtet nach dem Anmelden einen neuen zweiten Faktor ein.", name=member.display_name),
        "success",
    )
    return redirect(url_for(".staff"), code=303)


@bp.post("/beschaeftigte/<uuid:staff_member_id>/aktivieren")
@requires(Permission.ADMINISTER_AUTHORITY)
def reactivate(staff_member_id: UUID) -> ResponseReturnValue:
    member = _member(staff_member_id)
    commands.reactivate_staff_member(member, by=current_staff().account, at=clock.now())
    _say_who_has_access_again(member)
    return redirect(url_for(".staff"), code=303)


def _say_who_has_access_again(member: StaffMember) -> None:
    name = member.display_name
    if member.account.locked_at is None:
        flash(_("%(name)s hat wieder Zugang.", name=name), "success")
        return
    text = _(
        "%(name)s gehört wieder dazu. Das Konto ist noch aus einem anderen Grund gesperrt: Fragen Sie den "
        "Betrieb des Servicekontos.",
        name=name,
    )
    flash(text, "warning")


def _member(staff_member_id: UUID) -> StaffMember:
    return queries.any_colleague(current_staff().authority_id, staff_member_id)


def _form(member: StaffMember) -> StaffForm:
    return StaffForm(
        queries.units_of(member.authority_id),
        display_name=member.display_name,
        roles=[role.value for role in member.roles],
        units=[str(unit_id) for unit_id in member.unit_ids],
    )


def _change(member: StaffMember, form: StaffForm) -> bool:
    try:
        commands.change_staff_member(
            member,
            display_name=form.name,
            units=form.chosen_units,
            roles=form.chosen_roles,
            by=current_staff().account,
            at=clock.now(),
        )
    except InvalidInputError as error:
        refuse(form, error.errors)
        return False
    return True


def _page(member: StaffMember, form: StaffForm | None = None) -> str:
    return render_template(
        "administration/staff_member.html",
        member=member,
        form=form or _form(member),
        is_oneself=member.id == current_staff().id,
    )
