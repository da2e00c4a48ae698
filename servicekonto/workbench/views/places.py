"""Who has a place and who waits for one: for the offers of one's own units."""

from collections.abc import Iterator

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from servicekonto.authorities.current import current_staff
from servicekonto.catalogue.definition import Definition
from servicekonto.catalogue.models import Offer
from servicekonto.catalogue.queries import offers_of, published_services
from servicekonto.core import clock
from servicekonto.core.errors import NotFoundError
from servicekonto.service_requests import labels, places
from servicekonto.service_requests.place_models import PlaceState
from servicekonto.web.access import Permission, requires
from servicekonto.workbench.views import bp

WAITING = "warteliste"


@bp.get("/plaetze")
@requires(Permission.PROCESS_REQUESTS)
def list_places() -> ResponseReturnValue:
    rows = [
        (definition, places.availability(offer, definition.limited))
        for definition, offer in _limited_offers()
        if definition.limited
    ]
    return render_template("workbench/list_places.html", rows=rows)


@bp.get("/plaetze/<slug>")
@requires(Permission.PROCESS_REQUESTS)
def places_of_offer(slug: str) -> ResponseReturnValue:
    definition, offer = _offer(slug)
    state = PlaceState.WAITING if request.args.get("liste") == WAITING else PlaceState.CONFIRMED
    after = _number(request.args.get("ab", ""))
    found = places.page_for_staff(offer, state, current_staff(), after=after)
    page = found[: places.PAGE_SIZE]
    next_number = page[-1].number if len(found) > places.PAGE_SIZE else None
    return render_template(
        "workbench/places.html",
        definition=definition,
        availability=places.availability(offer, definition.limited) if definition.limited else None,
        allocations=page,
        is_waiting_list=state is PlaceState.WAITING,
        statuses=labels.FOR_STAFF,
        next_url=_url(slug, state, next_number) if next_number else None,
    )


def _limited_offers() -> Iterator[tuple[Definition, Offer]]:
    staff_member = current_staff()
    offers = offers_of(staff_member.authority_id)
    for service in published_services(clock.today()):
        offer = offers.get(service.definition.key)
        if service.definition.limited and offer and offer.unit_id in staff_member.unit_ids:
            yield service.definition, offer


def _offer(slug: str) -> tuple[Definition, Offer]:
    for definition, offer in _limited_offers():
        if definition.slug == slug:
            return definition, offer
    raise NotFoundError(slug)


def _number(text: str) -> int:
    """Anything that is no number of ours starts at the beginning."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _url(slug: str, state: PlaceState, number: int) -> str:
    chosen = WAITING if state is PlaceState.WAITING else None
    return url_for(".places_of_offer", slug=slug, ab=number, liste=chosen)
