"""Asking the citizen about single answers, and going on without the answer."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import kept_input
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.authorities.current import current_staff
from servicekonto.core import clock
from servicekonto.service_requests import actions, queries
from servicekonto.service_requests.actions import Action
from servicekonto.service_requests.commands import information
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.web.access import Permission, requires
from servicekonto.web.idempotency import idempotent
from servicekonto.workbench.forms import AskForm
from servicekonto.workbench.insertion import insert_into, wants_insertion
from servicekonto.workbench.presentation import StaffRequestView
from servicekonto.workbench.questions import offered, read_reasons
from servicekonto.workbench.views import bp
from servicekonto.workbench.views.requests import back_to, locked


@bp.get("/antraege/<uuid:request_id>/rueckfrage")
@requires(Permission.PROCESS_REQUESTS)
def compose_question(request_id: UUID) -> ResponseReturnValue:
    service_request = queries.get_for_staff(request_id, current_staff(), whole=True)
    actions.check(Action.ASK, service_request, current_staff())
    form, kept = kept_input.refilled(AskForm()), kept_input.found() or {}
    return _page(service_request, form, read_reasons({name: values[0] for name, values in kept.items()}))


@bp.post("/antraege/<uuid:request_id>/rueckfrage")
@requires(Permission.PROCESS_REQUESTS)
@keeps_input
@idempotent
def ask(request_id: UUID) -> ResponseReturnValue:
    service_request, form = locked(request_id), AskForm()
    actions.check(Action.ASK, service_request, current_staff())
    reasons = read_reasons(request.form)
    if wants_insertion():
        return _page(service_request, form, reasons)
    if not form.validate_on_submit() or not reasons:
        return _page(service_request, form, reasons, is_wrong=True), 422
    text = (form.body.data or "").strip()
    information.ask(service_request, reasons, text, by=current_staff(), at=clock.now())
    flash(_("Ihre Rückfrage liegt im Postfach der antragstellenden Person."), "success")
    return back_to(request_id)


@bp.post("/antraege/<uuid:request_id>/weiterbearbeiten")
@requires(Permission.PROCESS_REQUESTS)
@idempotent
def resume(request_id: UUID) -> ResponseReturnValue:
    information.resume(locked(request_id), by=current_staff(), at=clock.now())
    flash(_("Sie bearbeiten den Antrag ohne Antwort weiter."), "success")
    return back_to(request_id)


def _page(
    service_request: ServiceRequest, form: AskForm, reasons: Mapping[str, str], *, is_wrong: bool = False
) -> str:
    view = StaffRequestView(service_request, current_staff())
    if wants_insertion():
        insert_into(form.body, view)
    pages = offered(service_request, view.sections)
    errors = [(str(message), "#body") for message in form.body.errors]
    if is_wrong and not reasons:
        first = "#" + pages[0][1][0].path.replace(".", "-")
        errors.append((_("Bitte schreiben Sie bei mindestens einer Angabe, warum Sie sie brauchen."), first))
    return render_template(
        "workbench/ask.html", view=view, form=form, pages=pages, reasons=reasons, errors=errors
    )
