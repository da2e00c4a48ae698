"""Sending a request on to another authority."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import kept_input
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.authorities.current import current_staff
from servicekonto.core import clock
from servicekonto.service_requests import actions, queries
from servicekonto.service_requests.actions import Action
from servicekonto.service_requests.commands import forwarding
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.web.access import Permission, requires
from servicekonto.web.idempotency import idempotent
from servicekonto.workbench.competence import Finding, look_up, other_offers
from servicekonto.workbench.forms import ForwardForm
from servicekonto.workbench.insertion import insert_into, wants_insertion
from servicekonto.workbench.presentation import StaffRequestView
from servicekonto.workbench.views import bp
from servicekonto.workbench.views.requests import locked


@bp.get("/antraege/<uuid:request_id>/weiterleiten")
@requires(Permission.PROCESS_REQUESTS)
def compose_forward(request_id: UUID) -> ResponseReturnValue:
    service_request = queries.get_for_staff(request_id, current_staff(), whole=True)
    actions.check(Action.FORWARD, service_request, current_staff())
    return _page(service_request, kept_input.refilled(_form(service_request)))


@bp.post("/antraege/<uuid:request_id>/weiterleiten")
@requires(Permission.PROCESS_REQUESTS)
@keeps_input
@idempotent
def forward(request_id: UUID) -> ResponseReturnValue:
    service_request = locked(request_id)
    actions.check(Action.FORWARD, service_request, current_staff())
    form = _form(service_request)
    if request.form.get("action") == "find":
        return _page(service_request, form, finding=_find(service_request, form))
    if wants_insertion():
        return _page(service_request, form)
    if not form.validate_on_submit():
        return _page(service_request, form), 422
    _send_on(service_request, form)
    flash(_("Der Antrag %(reference)s ist weitergeleitet.", reference=service_request.reference), "success")
    return redirect(url_for(".inbox"), code=303)


def _form(service_request: ServiceRequest) -> ForwardForm:
    return ForwardForm(other_offers(service_request, on=clock.today()))


def _find(service_request: ServiceRequest, form: ForwardForm) -> Finding | None:
    """Chooses what is found in the list, too."""
    finding = look_up(service_request, form.place.data or "", on=clock.today()) if form.place.data else None
    if finding and finding.offer:
        form.authority.data = str(finding.offer.id)
    return finding


def _send_on(service_request: ServiceRequest, form: ForwardForm) -> None:
    offers = other_offers(service_request, on=clock.today())
    offer = next(offer for offer in offers if str(offer.id) == form.authority.data)
    found = look_up(service_request, form.place.data, on=clock.today()) if form.place.data else None
    forwarding.forward(
        service_request,
        offer,
        reason=(form.reason.data or "").strip(),
        competence=found.text if found and found.offer and found.offer.id == offer.id else None,
        by=current_staff(),
        at=clock.now(),
    )


def _page(service_request: ServiceRequest, form: ForwardForm, *, finding: Finding | None = None) -> str:
    view = StaffRequestView(service_request, current_staff())
    if wants_insertion():
        insert_into(form.reason, view)
    return render_template("workbench/forward.html", view=view, form=form, finding=finding)
