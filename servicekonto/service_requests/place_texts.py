"""Places and waiting lists in the words people read."""

import flask_babel
from flask_babel import ngettext

from servicekonto.service_requests.models import EventKind, RequestEvent, ServiceRequest
from servicekonto.service_requests.place_models import PlaceState
from servicekonto.service_requests.places import Availability, Place

TONES: dict[PlaceState, str] = {
    PlaceState.CONFIRMED: "success",
    PlaceState.WAITING: "warning",
    PlaceState.FREED: "neutral",
}


def _(message: str, **values: object) -> str:
    """Flask-Babel's, with a type."""
    return str(flask_babel.gettext(message, **values))


def what_is_left(availability: Availability) -> str:
    """For whoever thinks of applying."""
    if availability.free:
        return str(
            ngettext(
                "%(num)s von %(capacity)s Plätzen ist frei.",
                "%(num)s von %(capacity)s Plätzen sind frei.",
                availability.free,
                capacity=availability.capacity,
            )
        )
    if not availability.has_waiting_list:
        return _("Ausgebucht. Alle Plätze sind vergeben.")
    if not availability.waiting:
        return _("Ausgebucht. Sie kommen auf die Warteliste, noch wartet niemand.")
    return str(
        ngettext(
            "Ausgebucht. Auf der Warteliste steht %(num)s Person vor Ihnen.",
            "Ausgebucht. Auf der Warteliste stehen %(num)s Personen vor Ihnen.",
            availability.waiting,
        )
    )


def for_owner(place: Place) -> str:
    match place.state:
        case PlaceState.CONFIRMED:
            return _("Sie haben einen Platz.")
        case PlaceState.WAITING:
            return _("Sie stehen auf der Warteliste, auf Position %(position)s.", position=place.position)
        case PlaceState.FREED:
            return _("Sie haben keinen Platz mehr.")


def for_staff(place: Place) -> str:
    match place.state:
        case PlaceState.CONFIRMED:
            return _("Platz bestätigt")
        case PlaceState.WAITING:
            return _("Warteliste, Position %(position)s", position=place.position)
        case PlaceState.FREED:
            return _("Kein Platz mehr")


def at_submission(service_request: ServiceRequest) -> str | None:
    """What the receipt says, whatever has become of it since."""
    for event in service_request.history:
        if event.kind is EventKind.PLACE_CONFIRMED:
            return for_owner(Place(PlaceState.CONFIRMED))
        if event.kind is EventKind.PLACE_AWAITED:
            return for_owner(Place(PlaceState.WAITING, event.payload["position"]))
    return None


def of_event(event: RequestEvent) -> str | None:
    position = event.payload.get("position")
    return _("Position %(position)s", position=position) if position else None
