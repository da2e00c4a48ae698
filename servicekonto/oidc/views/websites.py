"""The owner's list of websites they sign in to with this account."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts.current import current_account, current_session
from servicekonto.core import clock
from servicekonto.oidc import consents, grants, logout
from servicekonto.oidc.views.blueprint import bp
from servicekonto.web.access import Permission, requires


@bp.get("/konto/websites")
@requires(Permission.OWN_ACCOUNT)
def websites() -> ResponseReturnValue:
    history = grants.consents_of(current_account())
    return render_template(
        "oidc/websites.html",
        consents=[consent for consent in history if consent.withdrawn_at is None],
        former=[consent for consent in history if consent.withdrawn_at is not None],
        labels=consents.labels,
        signed_in={client.id for client in logout.websites_in(current_session().id)},
    )


@bp.post("/konto/websites/<uuid:website_id>/trennen")
@requires(Permission.OWN_ACCOUNT)
def disconnect(website_id: UUID) -> ResponseReturnValue:
    grants.withdraw_consent(current_account(), website_id, at=clock.now())
    flash(gettext("Die Website ist getrennt. Sie bekommt nichts mehr aus Ihrem Konto."), "success")
    return redirect(url_for(".websites"), code=303)
