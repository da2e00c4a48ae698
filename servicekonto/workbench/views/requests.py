"""One request on one page, and what can be done with it."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts.kept_input import keeps_input_for, refilled
from servicekonto.accounts.step_up import recently_confirmed
from servicekonto.authorities.current import current_staff
from servicekonto.authorities.queries import colleague
from servicekonto.core import clock
from servicekonto.service_requests import queries
from servicekonto.service_requests.commands import decisions, processing
from servicekonto.service_requests.models import Outcome, ServiceRequest
from servicekonto.web.access import Permission, requires
from servicekonto.web.idempotency import idempotent
from servicekonto.workbench.forms import AssignForm, NoteForm, ProposalForm, SendBackForm
from servicekonto.workbench.presentation import StaffRequestView
from servicekonto.workbench.views import bp


@bp.get("/antraege/<uuid:request_id>")
@requires(Permission.PROCESS_REQUESTS)
def show(request_id: UUID) -> ResponseReturnValue:
    service_request = queries.get_for_staff(request_id, current_staff(), whole=True)
    view = StaffRequestView(service_request, current_staff())
    return page(
        service_request,
        proposal_form=refilled(ProposalForm(), ".propose") if view.can_propose else None,
        send_back_form=refilled(SendBackForm(), ".send_back") if view.can_approve else None,
        note_form=None if view.is_own else refilled(NoteForm(), ".take_note"),
    )


@bp.post("/antraege/<uuid:request_id>/uebernehmen")
@requires(Permission.PROCESS_REQUESTS)
def take(request_id: UUID) -> ResponseReturnValue:
    processing.take(locked(request_id), by=current_staff(), at=clock.now())
    flash(_("Sie bearbeiten jetzt diesen Antrag."), "success")
    return back_to(request_id)


@bp.post("/antraege/<uuid:request_id>/zuweisen")
@requires(Permission.PROCESS_REQUESTS)
def assign(request_id: UUID) -> ResponseReturnValue:
    staff_member, service_request = current_staff(), locked(request_id)
    form = AssignForm(StaffRequestView(service_request, staff_member).colleagues)
    if not form.validate_on_submit():
        return page(service_request, assign_form=form), 422
    to = colleague(staff_member, UUID(form.assignee.data))
    processing.assign(service_request, to, by=staff_member, at=clock.now())
    flash(_("Der Antrag ist jetzt bei %(name)s.", name=to.display_name), "success")
    return back_to(request_id)


@bp.post("/antraege/<uuid:request_id>/entscheidung")
@requires(Permission.PROCESS_REQUESTS)
@keeps_input_for(".show")
@idempotent
def propose(request_id: UUID) -> ResponseReturnValue:
    service_request, form = locked(request_id), ProposalForm()
    if not form.validate_on_submit():
        return page(service_request, proposal_form=form), 422
    decisions.propose(
        service_request,
        outcome=Outcome(form.outcome.data),
        reasons=(form.reasons.data or "").strip(),
        by=current_staff(),
        at=clock.now(),
    )
    flash(_("Ihr Vorschlag liegt zur Freigabe bereit. Eine andere Person muss ihn freigeben."), "success")
    return back_to(request_id)


@bp.post("/antraege/<uuid:request_id>/freigabe")
@requires(Permission.PROCESS_REQUESTS)
@recently_confirmed
@idempotent
def approve(request_id: UUID) -> ResponseReturnValue:
    decisions.approve(locked(request_id), by=current_staff(), at=clock.now())
    flash(_("Die Entscheidung ist getroffen. Sie kommt gleich in das Postfach der Person."), "success")
    return back_to(request_id)


@bp.post("/antraege/<uuid:request_id>/rueckgabe")
@requires(Permission.PROCESS_REQUESTS)
@keeps_input_for(".show")
@idempotent
def send_back(request_id: UUID) -> ResponseReturnValue:
    service_request, form = locked(request_id), SendBackForm()
    if not form.validate_on_submit():
        return page(service_request, send_back_form=form), 422
    decisions.send_back(
        service_request, reason=(form.reason.data or "").strip(), by=current_staff(), at=clock.now()
    )
    flash(_("Der Vorschlag ist zurückgegeben."), "success")
    return back_to(request_id)


def locked(request_id: UUID) -> ServiceRequest:
    """Two clerks at once: the second waits and then sees what the first has done."""
    return queries.get_for_staff(request_id, current_staff(), for_update=True)


def page(
    service_request: ServiceRequest,
    *,
    proposal_form: ProposalForm | None = None,
    send_back_form: SendBackForm | None = None,
    assign_form: AssignForm | None = None,
    note_form: NoteForm | None = None,
) -> str:
    view = StaffRequestView(service_request, current_staff())
    return render_template(
        "workbench/request.html",
        view=view,
        proposal_form=proposal_form or ProposalForm(),
        send_back_form=send_back_form or SendBackForm(),
        note_form=note_form or NoteForm(),
        assign_form=assign_form or AssignForm(view.colleagues),
    )


def back_to(request_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".show", request_id=request_id), code=303)
