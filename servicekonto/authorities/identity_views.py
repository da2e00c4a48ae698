"""The owner's side of having one's identity document seen."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import factors, queries
from servicekonto.accounts.current import current_account
from servicekonto.accounts.step_up import recently_confirmed
from servicekonto.authorities import identity, labels
from servicekonto.authorities.views import bp
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError
from servicekonto.web.access import Permission, requires


@bp.get("/konto/identitaet")
@requires(Permission.OWN_ACCOUNT)
def own_identity() -> ResponseReturnValue:
    owner, at = current_account(), clock.now()
    return render_template(
        "authorities/own_identity.html",
        attributes=labels.shown_attributes(owner.attributes),
        to_confirm=labels.shown_attributes(identity.to_confirm(owner)),
        levels=labels.LEVELS,
        check=identity.open_code(owner, at=at),
        checks=identity.checks_of(owner),
        documents=labels.DOCUMENTS,
        has_names=set(identity.NEEDED) <= queries.attribute_values(owner).keys(),
        is_protected=factors.protects_verified(owner),
        has_second=factors.has_second(owner.id),
    )


@bp.post("/konto/identitaet/code")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def new_identity_code() -> ResponseReturnValue:
    try:
        identity.new_code(current_account(), at=clock.now())
    except InvalidInputError:
        flash(gettext("Tragen Sie zuerst Namen und Geburtsdatum in Ihre persönlichen Daten ein."), "warning")
    return redirect(url_for(".own_identity"), code=303)


@bp.post("/konto/identitaet/uebrige")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def confirm_other_attributes() -> ResponseReturnValue:
    identity.confirm_others(current_account(), at=clock.now())
    flash(gettext("Danke. Ihre übrigen Angaben sind bestätigt."), "success")
    return redirect(url_for(".own_identity"), code=303)
