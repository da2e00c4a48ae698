"""A conference that is full, with people who wait: who withdraws lets the first of them have the place."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from servicekonto.accounts.models import Account
from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue import queries as catalogue
from servicekonto.catalogue.definition import resolve_places
from servicekonto.core import clock
from servicekonto.service_requests.commands import drafts, places
from servicekonto.service_requests.destinations import responsibility
from servicekonto.service_requests.form import DraftForm, place_finder

SERVICE = "regionalkonferenz"
PLACES = 24

_FUNCTIONS = ("Bürgermeisterin", "Leitung der IT", "Hauptamtsleitung", "Sachbearbeitung", "Digitalisierung")
_TOWNS = ("Hanau", "Kassel", "Gelnhausen", "Fulda", "Marburg")


def fill(people: Iterable[tuple[str, str, Account]], host: StaffMember, *, at: datetime) -> None:
    """``people``: given names, family name, account, in the order in which they register."""
    service = catalogue.published_service(SERVICE, clock.today())
    offer = catalogue.offer_of(service.definition.key, host.authority_id, clock.local_date(at))
    if offer is None or service.definition.limited is None:
        return
    places.set_capacity(offer, service.definition.limited, PLACES, by=host, at=at)
    for number, (given_names, family_name, account) in enumerate(people):
        moment = at + timedelta(minutes=11 * number)
        draft = drafts.start(
            service.definition,
            service_version_id=service.version_id,
            prefilled={},
            by=account,
            at=moment,
        )
        typed = _answers(given_names, family_name, account, number)
        find = place_finder(service.definition.competence.rule, clock.local_date(at))
        for page in service.definition.pages:
            known = {field.id: typed[field.id] for field in page.fields if field.id in typed}
            drafts.save(draft, resolve_places(page, known, find).input, at=moment)
        form = DraftForm(draft, clock.local_date(at))
        found = responsibility(form.definition, form.evaluation.values, on=form.today)
        drafts.submit(
            draft, form.definition, destination=found.destination if found else None, by=account, at=moment
        )


def _answers(given_names: str, family_name: str, account: Account, number: int) -> dict[str, Any]:
    """As they are typed."""
    return {
        "participant": {"given_names": given_names, "family_name": family_name, "email": account.email},
        "function": _FUNCTIONS[number % len(_FUNCTIONS)],
        "represents": "municipality",
        "municipality": {"text": _TOWNS[number % len(_TOWNS)]},
        "diet": ("", "vegetarian", "vegan")[number % 3],
        "on_list": "yes" if number % 4 else "no",
        "privacy": "yes",
    }
