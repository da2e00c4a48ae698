"""Where a draft would go: the place in the answers → the competent authority → whether it is online."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from servicekonto.authorities import competence
from servicekonto.authorities.competence import Competent
from servicekonto.catalogue.definition import Definition
from servicekonto.catalogue.models import Offer
from servicekonto.catalogue.queries import offer_of
from servicekonto.service_requests.commands.drafts import Destination


@dataclass(frozen=True)
class Responsibility:
    """Who decides. ``offer`` is None while this authority does not take the service online."""

    competent: Competent
    offer: Offer | None

    @property
    def destination(self) -> Destination | None:
        return Destination(offer=self.offer, reason=self.competent.sentence) if self.offer else None


def responsibility(definition: Definition, values: Mapping[str, Any], *, on: date) -> Responsibility | None:
    """None until the place is known, or when nobody in Hessen is competent there.

    Where a service names no place, one authority decides for all of Hessen.
    """
    place = _place(values, definition.competence.place)
    is_known = place or definition.competence.place is None
    answer = competence.find(definition.competence.rule, place or "", on=on) if is_known else None
    if not isinstance(answer, Competent):
        return None
    return Responsibility(answer, offer_of(definition.key, answer.authority.id, on))


def _place(values: Any, path: str | None) -> str | None:
    """The key of the municipality at a path such as ``child.birth_place``."""
    for step in path.split(".") if path else ():
        values = values.get(step) if isinstance(values, Mapping) else None
    return values.get("key") if isinstance(values, Mapping) else None
