"""How many places there are at an offer of the authority."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.authorities.current import current_staff
from servicekonto.catalogue.definition import Definition, Limited
from servicekonto.catalogue.models import Offer
from servicekonto.catalogue.queries import offers_of, published_service
from servicekonto.core import clock
from servicekonto.core.errors import NotFoundError
from servicekonto.service_requests import places
from servicekonto.service_requests.commands.places import set_capacity
from servicekonto.web.access import Permission, requires
from servicekonto.workbench.administration.forms import PlacesForm
from servicekonto.workbench.administration.views import bp


@bp.get("/leistungen/<slug>/plaetze")
@requires(Permission.ADMINISTER_AUTHORITY)
def places_of_offer(slug: str) -> ResponseReturnValue:
    definition, offer, limited = _limited(slug)
    form = PlacesForm(capacity=str(places.availability(offer, limited).capacity))
    return _page(definition, offer, limited, form)


@bp.post("/leistungen/<slug>/plaetze")
@requires(Permission.ADMINISTER_AUTHORITY)
def save_places(slug: str) -> ResponseReturnValue:
    (definition, offer, limited), form = _limited(slug), PlacesForm()
    if not form.validate_on_submit():
        return _page(definition, offer, limited, form), 422
    set_capacity(offer, limited, form.number, by=current_staff(), at=clock.now())
    flash(_("Gespeichert: %(service)s.", service=definition.names.name), "success")
    return redirect(url_for(".offer", slug=slug), code=303)


def _limited(slug: str) -> tuple[Definition, Offer, Limited]:
    """Only what this authority offers, and of which there is only so much."""
    definition = published_service(slug, clock.today()).definition
    offer = offers_of(current_staff().authority_id).get(definition.key)
    if offer is None or definition.limited is None:
        raise NotFoundError(slug)
    return definition, offer, definition.limited


def _page(definition: Definition, offer: Offer, limited: Limited, form: PlacesForm) -> str:
    return render_template(
        "administration/places.html",
        definition=definition,
        availability=places.availability(offer, limited),
        form=form,
    )
