"""Closing a request without a decision."""

from uuid import UUID

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import kept_input
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.authorities.current import current_staff
from servicekonto.core import clock
from servicekonto.service_requests import actions, queries
from servicekonto.service_requests.actions import Action
from servicekonto.service_requests.commands import closing
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.web.access import Permission, requires
from servicekonto.web.idempotency import idempotent
from servicekonto.workbench.forms import CloseForm
from servicekonto.workbench.insertion import insert_into, wants_insertion
from servicekonto.workbench.presentation import StaffRequestView
from servicekonto.workbench.views import bp
from servicekonto.workbench.views.requests import back_to, locked


@bp.get("/antraege/<uuid:request_id>/abschliessen")
@requires(Permission.PROCESS_REQUESTS)
def confirm_close(request_id: UUID) -> ResponseReturnValue:
    service_request = queries.get_for_staff(request_id, current_staff(), whole=True)
    actions.check(Action.CLOSE, service_request, current_staff())
    return _page(service_request, kept_input.refilled(CloseForm()))


@bp.post("/antraege/<uuid:request_id>/abschliessen")
@requires(Permission.PROCESS_REQUESTS)
@keeps_input
@idempotent
def close(request_id: UUID) -> ResponseReturnValue:
    service_request, form = locked(request_id), CloseForm()
    actions.check(Action.CLOSE, service_request, current_staff())
    if wants_insertion():
        return _page(service_request, form)
    if not form.validate_on_submit():
        return _page(service_request, form), 422
    closing.close(
        service_request, reason=(form.reason.data or "").strip(), by=current_staff(), at=clock.now()
    )
    flash(_("Der Antrag ist abgeschlossen. Die Person bekommt den Grund als Nachricht."), "success")
    return back_to(request_id)


def _page(service_request: ServiceRequest, form: CloseForm) -> str:
    view = StaffRequestView(service_request, current_staff())
    if wants_insertion():
        insert_into(form.reason, view)
    return render_template("workbench/close.html", view=view, form=form)
