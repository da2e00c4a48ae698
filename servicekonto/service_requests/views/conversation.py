"""The citizen writes to the authority."""

from uuid import UUID

from flask import flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts import kept_input
from servicekonto.accounts.current import current_account
from servicekonto.accounts.kept_input import keeps_input
from servicekonto.core import clock
from servicekonto.service_requests import actions, limits, queries
from servicekonto.service_requests.actions import Action
from servicekonto.service_requests.commands import conversation
from servicekonto.service_requests.forms import MessageForm
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.presentation import OwnRequestView
from servicekonto.service_requests.views import bp
from servicekonto.web.access import Permission, for_scripts, requires
from servicekonto.web.i18n import show_time
from servicekonto.web.idempotency import idempotent


@bp.get("/<uuid:request_id>/nachricht")
@requires(Permission.OWN_REQUESTS)
def compose(request_id: UUID) -> ResponseReturnValue:
    service_request = queries.get_whole(request_id, current_account())
    actions.check(Action.WRITE, service_request)
    return _page(service_request, kept_input.refilled(MessageForm(), ".write"))


@bp.post("/<uuid:request_id>/nachricht/zwischenstand")
@for_scripts
@requires(Permission.OWN_REQUESTS)
def autosave_message(request_id: UUID) -> ResponseReturnValue:
    """A message has no draft: it is kept for this browser, as after the end of a session."""
    account, at = current_account(), clock.now()
    actions.check(Action.WRITE, queries.get_sent(request_id, account))
    kept_input.keep_for(account, url_for(".write", request_id=request_id), at=at)
    return jsonify(saved_at=show_time(at), basis="")


@bp.post("/<uuid:request_id>/nachricht")
@requires(Permission.OWN_REQUESTS)
@keeps_input
@idempotent
def write(request_id: UUID) -> ResponseReturnValue:
    account, form, at = current_account(), MessageForm(), clock.now()
    service_request = queries.get_sent(request_id, account, for_update=True)
    actions.check(Action.WRITE, service_request)
    if not form.validate_on_submit():
        return _page(service_request, form), 422
    limits.check_new_message(service_request, at=at)
    conversation.write(service_request, (form.body.data or "").strip(), by=account, at=at)
    flash(_("Ihre Nachricht ist bei der Behörde."), "success")
    return redirect(url_for(".show", request_id=request_id), code=303)


def _page(service_request: ServiceRequest, form: MessageForm) -> str:
    view = OwnRequestView(service_request)
    return render_template("service_requests/compose.html", view=view, form=form)
