"""Sending a request on to the authority that is competent; it starts anew there."""

from datetime import datetime

from flask_babel import gettext as _

from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue.models import Offer
from servicekonto.core.db import db, working_as
from servicekonto.core.errors import ConflictError
from servicekonto.core.scope import Scope
from servicekonto.service_requests import events, history
from servicekonto.service_requests.actions import Action, check
from servicekonto.service_requests.commands import conversation
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.service_requests.names import index_names_anew
from servicekonto.service_requests.places import allocation_of
from servicekonto.service_requests.status import Status
from servicekonto.web.i18n import in_language


def forward(
    service_request: ServiceRequest,
    offer: Offer,
    *,
    reason: str,
    competence: str | None = None,
    by: StaffMember,
    at: datetime,
) -> None:
    """The citizen is told where and why. The first receipt is kept beside the new one; which of them counts
    is a rule of the service. ``competence``: the sentence of the finder, if a place was looked up.
    """
    check(Action.FORWARD, service_request, by)
    if offer.service_key != service_request.service_key or offer.authority_id == service_request.authority_id:
        raise ConflictError("not an authority this request can go to")
    if allocation_of(service_request.id) is not None:
        raise ConflictError("a place belongs to the authority that gave it")
    with in_language(service_request.account.language):
        text = _message(offer, reason)
    conversation.say(service_request, text, by=by, at=at)
    db.session.flush()
    payload = {
        "from_authority_id": str(service_request.authority_id),
        "from_unit_id": str(service_request.unit_id),
        "to_authority_id": str(offer.authority_id),
    }
    # Row-level security lets nobody give a row to another authority: from A's scope the row would vanish, in
    # B's it is not there yet. Whose request it is sees both, so this much is written in that person's scope.
    with working_as(Scope(account_id=service_request.account_id)):
        _drop_proposal(service_request)
        _address(service_request, offer, competence=competence, by=by, at=at)
        if service_request.status is Status.RECEIVED:
            history.note(service_request, EventKind.FORWARDED, by=by.account, at=at, payload=payload)
        else:
            history.move(
                service_request, Status.RECEIVED, EventKind.FORWARDED, by=by.account, at=at, payload=payload
            )
        index_names_anew(service_request, service_request.answers or {})
    history.announce(events.RequestForwarded, service_request, by=by.account, at=at)


def _address(
    service_request: ServiceRequest, offer: Offer, *, competence: str | None, by: StaffMember, at: datetime
) -> None:
    service_request.first_received_at = service_request.first_received_at or service_request.received_at
    service_request.received_at = at
    service_request.authority_id, service_request.authority = offer.authority_id, offer.authority
    service_request.unit_id, service_request.unit = offer.unit_id, offer.unit
    service_request.assignee_id = service_request.assignee = None
    service_request.competence_reason = competence or _(
        "%(authority)s hat den Antrag weitergeleitet.", authority=by.authority.name
    )


def _drop_proposal(service_request: ServiceRequest) -> None:
    """What one authority proposed and never approved is nothing the next one should go on with."""
    if service_request.decision is not None:
        db.session.delete(service_request.decision)
        service_request.decision = None


def _message(offer: Offer, reason: str) -> str:
    return "\n\n".join(
        (
            _("Ihr Antrag liegt jetzt bei einer anderen Behörde: %(name)s.", name=offer.authority.name),
            reason,
            _("Sie müssen nichts tun. Der Tag des ersten Eingangs bleibt gespeichert."),
        )
    )
