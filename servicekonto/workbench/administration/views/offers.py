"""Which services the authority takes online, from when, and which unit works on them."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from servicekonto.authorities import queries
from servicekonto.authorities.current import current_staff
from servicekonto.catalogue import commands
from servicekonto.catalogue.models import Offer
from servicekonto.catalogue.queries import PublishedService, offers_of, published_service, published_services
from servicekonto.core import clock
from servicekonto.core.errors import InvalidInputError
from servicekonto.web.access import Permission, requires
from servicekonto.workbench.administration.forms import OfferForm, refuse
from servicekonto.workbench.administration.views import bp


@bp.get("/leistungen")
@requires(Permission.ADMINISTER_AUTHORITY)
def offers() -> ResponseReturnValue:
    authority = current_staff().authority
    return render_template(
        "administration/offers.html",
        authority=authority,
        services=published_services(clock.today()),
        offers=offers_of(authority.id),
        today=clock.today(),
    )


@bp.get("/leistungen/<slug>")
@requires(Permission.ADMINISTER_AUTHORITY)
def offer(slug: str) -> ResponseReturnValue:
    service = published_service(slug, clock.today())
    return _page(service, _form(service))


@bp.post("/leistungen/<slug>")
@requires(Permission.ADMINISTER_AUTHORITY)
def save_offer(slug: str) -> ResponseReturnValue:
    service = published_service(slug, clock.today())
    form = _form(service)
    if form.validate_on_submit() and _save(service, form):
        flash(_("Gespeichert: %(service)s.", service=service.definition.names.name), "success")
        return redirect(url_for(".offers"), code=303)
    return _page(service, form), 422


def _present(service: PublishedService) -> Offer | None:
    return offers_of(current_staff().authority_id).get(service.definition.key)


def _form(service: PublishedService) -> OfferForm:
    units, present = queries.units_of(current_staff().authority_id), _present(service)
    if present is None:
        return OfferForm(units, online_from=clock.today().isoformat())
    return OfferForm(
        units,
        unit=str(present.unit_id),
        online_from=present.online_from.isoformat(),
        online_until=present.online_until.isoformat() if present.online_until else None,
    )


def _save(service: PublishedService, form: OfferForm) -> bool:
    staff_member = current_staff()
    try:
        commands.put_online(
            service.definition.key,
            staff_member.authority,
            form.chosen_unit,
            from_day=form.first_day,
            until=form.online_until.data,
            by=staff_member.account,
            at=clock.now(),
        )
    except InvalidInputError as error:
        refuse(form, error.errors)
        return False
    return True


def _page(service: PublishedService, form: OfferForm) -> str:
    has_places = service.definition.limited is not None and _present(service) is not None
    return render_template(
        "administration/offer.html", service=service.definition, form=form, has_places=has_places
    )
