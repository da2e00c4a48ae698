"""Withdrawing a request."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.accounts.current import current_account
from servicekonto.core import clock
from servicekonto.service_requests import actions, queries
from servicekonto.service_requests.actions import Action
from servicekonto.service_requests.commands import closing
from servicekonto.service_requests.presentation import OwnRequestView
from servicekonto.service_requests.views import bp
from servicekonto.web.access import Permission, requires
from servicekonto.web.idempotency import idempotent


@bp.get("/<uuid:request_id>/zurueckziehen")
@requires(Permission.OWN_REQUESTS)
def confirm_withdraw(request_id: UUID) -> ResponseReturnValue:
    service_request = queries.get_whole(request_id, current_account())
    actions.check(Action.WITHDRAW, service_request)
    return render_template("service_requests/withdraw.html", view=OwnRequestView(service_request))


@bp.post("/<uuid:request_id>/zurueckziehen")
@requires(Permission.OWN_REQUESTS)
@idempotent
def withdraw(request_id: UUID) -> ResponseReturnValue:
    account = current_account()
    service_request = queries.get_sent(request_id, account, for_update=True)
    closing.withdraw(service_request, by=account, at=clock.now())
    flash(_("Ihr Antrag ist zurückgezogen."), "success")
    return redirect(url_for(".show", request_id=request_id), code=303)
