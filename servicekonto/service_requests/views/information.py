"""Answering a question of the authority: exactly the fields it asked about."""

from uuid import UUID

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import kept_input, throttle
from servicekonto.accounts.current import current_account
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.core import clock
from servicekonto.core.errors import ConflictError, StaleError
from servicekonto.service_requests import queries
from servicekonto.service_requests.commands import information
from servicekonto.service_requests.commands.drafts import IncompleteAnswersError
from servicekonto.service_requests.form import ADD_OR_REMOVE
from servicekonto.service_requests.information import AnswerSheet, get_question
from servicekonto.service_requests.presentation import OwnRequestView
from servicekonto.service_requests.views import bp
from servicekonto.web.access import Permission, for_scripts, requires
from servicekonto.web.i18n import show_time
from servicekonto.web.idempotency import idempotent


@bp.get("/<uuid:request_id>/rueckfrage/<uuid:question_id>")
@requires(Permission.OWN_REQUESTS)
def answer_page(request_id: UUID, question_id: UUID) -> ResponseReturnValue:
    sheet, kept = _sheet(request_id, question_id), kept_input.found()
    if kept is not None:
        sheet.read(kept, "next")
    return _page("answer", sheet)


@bp.post("/<uuid:request_id>/rueckfrage/<uuid:question_id>/zwischenstand")
@for_scripts
@requires(Permission.OWN_REQUESTS)
def autosave_answer(request_id: UUID, question_id: UUID) -> ResponseReturnValue:
    """What is typed so far. Raises StaleError when another tab or device has saved something else."""
    at = clock.now()
    throttle.record(throttle.autosave_attempt(current_account().id), at=at)
    sheet = _sheet(request_id, question_id, for_update=True)
    if request.form.get("basis") != sheet.basis:
        raise StaleError(question_id)
    sheet.read(request.form.to_dict(flat=False), "next")
    information.save(sheet, at=at)
    return jsonify(saved_at=show_time(at), basis=sheet.basis)


@bp.post("/<uuid:request_id>/rueckfrage/<uuid:question_id>")
@requires(Permission.OWN_REQUESTS)
@keeps_input
def save_answer(request_id: UUID, question_id: UUID) -> ResponseReturnValue:
    """What was typed is kept, right or wrong; only then the page says what is wrong."""
    sheet, action = _sheet(request_id, question_id, for_update=True), request.form.get("action", "next")
    sheet.read(request.form.to_dict(flat=False), action)
    information.save(sheet, at=clock.now())
    if action == "leave":
        flash(_("Ihre Antwort ist gespeichert, aber noch nicht abgeschickt."), "success")
        return redirect(url_for(".show", request_id=request_id), code=303)
    if action.startswith(ADD_OR_REMOVE):
        return redirect(url_for(".answer_page", request_id=request_id, question_id=question_id), code=303)
    if sheet.errors:
        sheet.show_errors = True
        return _page("answer", sheet), 422
    return redirect(url_for(".check_answer", request_id=request_id, question_id=question_id), code=303)


@bp.get("/<uuid:request_id>/rueckfrage/<uuid:question_id>/pruefen")
@requires(Permission.OWN_REQUESTS)
def check_answer(request_id: UUID, question_id: UUID) -> ResponseReturnValue:
    return _page("check_answer", _sheet(request_id, question_id))


@bp.post("/<uuid:request_id>/rueckfrage/<uuid:question_id>/senden")
@requires(Permission.OWN_REQUESTS)
@idempotent
def send_answer(request_id: UUID, question_id: UUID) -> ResponseReturnValue:
    sheet = _sheet(request_id, question_id, for_update=True)
    try:
        information.answer(sheet, by=current_account(), at=clock.now())
    except IncompleteAnswersError:
        sheet.show_errors = True
        return _page("answer", sheet), 422
    flash(_("Ihre Antwort ist bei der Behörde. Sie müssen nichts weiter tun."), "success")
    return redirect(url_for(".show", request_id=request_id), code=303)


def _sheet(request_id: UUID, question_id: UUID, *, for_update: bool = False) -> AnswerSheet:
    """What is answered already leads to the request. ConflictError when nobody waits any more."""
    service_request = queries.get_sent(request_id, current_account(), for_update=for_update)
    question = get_question(service_request, question_id)
    if question.answered_at is not None:
        flash(_("Sie haben diese Rückfrage schon beantwortet."), "info")
        abort(redirect(url_for(".show", request_id=request_id), code=303))
    if question.ended_at is not None:
        raise ConflictError("nobody waits for this answer any more")
    return AnswerSheet(question)


def _page(template: str, sheet: AnswerSheet) -> str:
    view = OwnRequestView(sheet.service_request)
    return render_template(f"service_requests/{template}.html", sheet=sheet, view=view)
