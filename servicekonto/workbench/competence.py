"""Looking up where a request belongs: what the finder says about a place, and who is online."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from servicekonto.authorities import competence
from servicekonto.authorities.competence import Ambiguous, Competent
from servicekonto.catalogue.models import Offer
from servicekonto.catalogue.queries import offers_online
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.presentation import RequestContent


@dataclass(frozen=True)
class Finding:
    """``offer`` None: nobody found, or not online; ``text`` says which."""

    text: str
    offer: Offer | None = None


def other_offers(service_request: ServiceRequest, *, on: date) -> list[Offer]:
    """Everybody who takes this service online, except the authority that has the request."""
    offers = offers_online(service_request.service_key, on)
    return [offer for offer in offers if offer.authority_id != service_request.authority_id]


def look_up(service_request: ServiceRequest, place: str, *, on: date) -> Finding:
    rule = RequestContent(service_request).definition.competence.rule
    answer = competence.find(rule, place, on=on)
    if isinstance(answer, Ambiguous):
        labels = ", ".join(candidate.label for candidate in answer.candidates[:10])
        return Finding(f"{answer.question} {labels}")
    if not isinstance(answer, Competent):
        return Finding(answer.message)
    if answer.authority.id == service_request.authority_id:
        return Finding(_("%(why)s Der Antrag ist schon bei dieser Behörde.", why=answer.sentence))
    offers = other_offers(service_request, on=on)
    offer = next((offer for offer in offers if offer.authority_id == answer.authority.id), None)
    if offer is None:
        return Finding(
            _("%(why)s Diese Behörde nimmt den Antrag aber noch nicht online an.", why=answer.sentence)
        )
    return Finding(answer.sentence, offer)
