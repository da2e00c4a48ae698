"""Answering citizens, and notes for colleagues."""

from uuid import UUID

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import kept_input
from servicekonto.accounts.kept_input import keeps_input, keeps_input_for
from servicekonto.authorities.current import current_staff
from servicekonto.core import clock
from servicekonto.service_requests import actions, queries
from servicekonto.service_requests.actions import Action
from servicekonto.service_requests.commands import conversation
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.web.access import Permission, requires
from servicekonto.web.idempotency import idempotent
from servicekonto.workbench.forms import NoteForm, ReplyForm
from servicekonto.workbench.insertion import insert_into, wants_insertion
from servicekonto.workbench.presentation import StaffRequestView
from servicekonto.workbench.views import bp
from servicekonto.workbench.views.requests import back_to, locked, page


@bp.get("/antraege/<uuid:request_id>/nachricht")
@requires(Permission.PROCESS_REQUESTS)
def compose(request_id: UUID) -> ResponseReturnValue:
    service_request = queries.get_for_staff(request_id, current_staff(), whole=True)
    return _page(service_request, kept_input.refilled(ReplyForm()))


@bp.post("/antraege/<uuid:request_id>/nachricht")
@requires(Permission.PROCESS_REQUESTS)
@keeps_input
@idempotent
def reply(request_id: UUID) -> ResponseReturnValue:
    service_request, form = locked(request_id), ReplyForm()
    actions.check(Action.REPLY, service_request, current_staff())
    if wants_insertion():
        return _page(service_request, form)
    if not form.validate_on_submit():
        return _page(service_request, form), 422
    conversation.reply(service_request, (form.body.data or "").strip(), by=current_staff(), at=clock.now())
    flash(_("Ihre Nachricht liegt im Postfach der antragstellenden Person."), "success")
    return back_to(request_id)


@bp.post("/antraege/<uuid:request_id>/gelesen")
@requires(Permission.PROCESS_REQUESTS)
def mark_read(request_id: UUID) -> ResponseReturnValue:
    conversation.mark_read(locked(request_id), by=current_staff(), at=clock.now())
    flash(_("Die Nachrichten sind als gelesen markiert."), "success")
    return back_to(request_id)


@bp.post("/antraege/<uuid:request_id>/notiz")
@requires(Permission.PROCESS_REQUESTS)
@keeps_input_for(".show")
@idempotent
def take_note(request_id: UUID) -> ResponseReturnValue:
    service_request, form = locked(request_id), NoteForm()
    if not form.validate_on_submit():
        return page(service_request, note_form=form), 422
    conversation.take_note(
        service_request, (form.note.data or "").strip(), by=current_staff(), at=clock.now()
    )
    flash(_("Ihre Notiz ist gespeichert. Nur Ihre Behörde sieht sie."), "success")
    return back_to(request_id)


def _page(service_request: ServiceRequest, form: ReplyForm) -> str:
    view = StaffRequestView(service_request, current_staff())
    if wants_insertion():
        insert_into(form.body, view)
    return render_template("workbench/compose.html", view=view, form=form)
