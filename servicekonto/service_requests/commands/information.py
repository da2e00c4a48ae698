"""The authority asks about single answers; the citizen gives exactly those anew."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _

from servicekonto.accounts.models import Account
from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, InvalidInputError
from servicekonto.service_requests import events, history
from servicekonto.service_requests.actions import Action, check
from servicekonto.service_requests.commands import conversation
from servicekonto.service_requests.commands.closing import stop_waiting
from servicekonto.service_requests.commands.drafts import IncompleteAnswersError
from servicekonto.service_requests.conversation_models import InformationRequest
from servicekonto.service_requests.information import AnswerSheet, what_can_be_asked
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.service_requests.names import index_names_anew
from servicekonto.service_requests.status import Status
from servicekonto.web.i18n import in_language


def ask(
    service_request: ServiceRequest,
    reasons: Mapping[str, str],
    text: str,
    *,
    by: StaffMember,
    at: datetime,
) -> InformationRequest:
    """``reasons``: path of a field → why. The citizen gets all of it as a message.

    InvalidInputError for a field that this request does not show, and for no field at all.
    """
    check(Action.ASK, service_request, by)
    with in_language(service_request.account.language):
        labels = {question.path: str(question.label) for question in what_can_be_asked(service_request)}
    unknown = set(reasons) - set(labels)
    if unknown or not reasons:
        raise InvalidInputError(dict.fromkeys(unknown or {"reasons"}, "cannot be asked"))
    asked = [{"path": path, "reason": reasons[path]} for path in labels if path in reasons]
    question = InformationRequest(
        service_request_id=service_request.id,
        service_request=service_request,
        authority_id=by.authority_id,
        asked_by_id=by.account_id,
        asked_at=at,
        asked=asked,
        text=text,
    )
    db.session.add(question)
    lines = [f"– {labels[item['path']]}: {item['reason']}" for item in asked]
    with in_language(service_request.account.language):
        message = _message(text, lines)
    conversation.say(service_request, message, by=by, at=at)
    history.move(
        service_request,
        Status.INFORMATION_REQUESTED,
        EventKind.INFORMATION_REQUESTED,
        by=by.account,
        at=at,
        payload=_id_of(question),
    )
    db.session.flush()
    history.announce(events.InformationRequested, service_request, by=by.account, at=at)
    return question


def save(sheet: AnswerSheet, *, at: datetime) -> None:
    """Keep what was typed, right or wrong."""
    _check_waiting(sheet.question)
    sheet.question.input = sheet.typed
    sheet.service_request.updated_at = at
    db.session.flush()


def answer(sheet: AnswerSheet, *, by: Account, at: datetime) -> None:
    """The answers before and after stay with the question for good. Answering again changes nothing.

    Raises IncompleteAnswersError and has then changed nothing.
    """
    question, service_request = sheet.question, sheet.service_request
    if question.answered_at is not None:
        return
    _check_waiting(question)
    check(Action.ANSWER, service_request)
    if sheet.errors:
        raise IncompleteAnswersError(sheet.errors)
    question.before, question.after = service_request.answers, sheet.evaluation.values
    question.answered_at = question.ended_at = at
    question.input = None
    service_request.answers = sheet.evaluation.values
    service_request.unread_count += 1
    index_names_anew(service_request, sheet.evaluation.values)
    history.move(
        service_request,
        Status.IN_REVIEW,
        EventKind.INFORMATION_PROVIDED,
        by=by,
        at=at,
        payload=_id_of(question),
    )
    db.session.flush()
    history.announce(events.InformationProvided, service_request, by=by, at=at)


def resume(service_request: ServiceRequest, *, by: StaffMember, at: datetime) -> None:
    """Go on without the answer: it is not needed any more, or it does not come."""
    check(Action.RESUME, service_request, by)
    stop_waiting(service_request, at=at)
    history.move(service_request, Status.IN_REVIEW, EventKind.REVIEW_RESUMED, by=by.account, at=at)
    db.session.flush()


def _check_waiting(question: InformationRequest) -> None:
    if question.ended_at is not None:
        raise ConflictError("nobody waits for this answer any more")


def _message(text: str, lines: list[str]) -> str:
    return "\n\n".join(
        (
            text,
            _("Bitte prüfen Sie diese Angaben:") + "\n" + "\n".join(lines),
            _("Sie antworten im Servicekonto bei Ihrem Antrag."),
        )
    )


def _id_of(question: InformationRequest) -> dict[str, str]:
    return {"information_request_id": str(question.id)}
