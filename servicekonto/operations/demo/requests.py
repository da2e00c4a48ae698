"""Believable orders of birth certificates, carried by the real commands to every status."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from servicekonto.accounts.models import Account
from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue.definition import Definition, resolve_places
from servicekonto.files.typst_pdf import decision_pdf
from servicekonto.notices import commands as notices
from servicekonto.notices.documents import decision_data
from servicekonto.operations.demo.people import Citizen
from servicekonto.service_requests.commands import decisions, drafts, processing
from servicekonto.service_requests.destinations import responsibility
from servicekonto.service_requests.form import DraftForm, place_finder
from servicekonto.service_requests.models import Outcome, ServiceRequest
from servicekonto.service_requests.status import Status

STEPS = (Status.RECEIVED, Status.IN_REVIEW, Status.DECISION_PROPOSED, Status.NOTIFIED)

_PURPOSES = ("marriage", "identity_document", "parental_allowance", "child_benefit", "pension", "inheritance")
REASONS = {
    Outcome.GRANTED: "Der Eintrag im Geburtenregister wurde gefunden. Sie sind berechtigt, "
    "die Urkunde zu erhalten (§ 62 Abs. 1 PStG).\n\nDie Urkunde geht Ihnen mit der Post zu.",
    Outcome.GRANTED_IN_PART: "Der Eintrag wurde gefunden. Den beglaubigten Ausdruck können wir "
    "erst ausstellen, wenn eine Folgebeurkundung abgeschlossen ist.\n\n"
    "Die anderen Urkunden gehen Ihnen mit der Post zu.",
    Outcome.REFUSED: "Im Geburtenregister ist zu den Angaben kein Eintrag vorhanden. "
    "Bitte prüfen Sie den Geburtsort.",
}


@dataclass(frozen=True, kw_only=True)
class Registry:
    """A place with the people who work there."""

    place: str
    clerk: StaffMember
    second_clerk: StaffMember
    approver: StaffMember


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Writes requests of one definition."""

    definition: Definition
    version_id: Any
    dice: random.Random

    def draft(
        self, citizen: Citizen, account: Account, place: str, *, at: datetime, pages: int
    ) -> ServiceRequest:
        """``pages``: how many have been filled in so far."""
        draft = drafts.start(
            self.definition, service_version_id=self.version_id, prefilled={}, by=account, at=at
        )
        drafts.save(draft, self.typed(citizen, place, on=at.date(), pages=pages), at=at)
        return draft

    def typed(self, citizen: Citizen, place: str, *, on: date, pages: int) -> dict[str, Any]:
        """What the citizen types into the first pages, with the place found."""
        typed, found = answers(citizen, place, self.dice), dict[str, Any]()
        for page in self.definition.pages[:pages]:
            known = {field.id: typed[field.id] for field in page.fields if field.id in typed}
            found |= resolve_places(page, known, place_finder(self.definition.competence.rule, on)).input
        return found

    def request(
        self, citizen: Citizen, account: Account, registry: Registry, until: Status, *, at: datetime
    ) -> ServiceRequest:
        """Submitted at ``at`` and carried on over the following days until it has this status."""
        pages = len(self.definition.pages)
        service_request = self.draft(citizen, account, registry.place, at=at, pages=pages)
        self._submit(service_request, account, at=at + timedelta(minutes=9))
        steps = STEPS.index(until)
        clerk = self.dice.choice((registry.clerk, registry.second_clerk))
        if steps >= 1:
            processing.take(service_request, by=clerk, at=at + timedelta(days=1, hours=2))
        if steps >= 2:
            self._propose(service_request, clerk, at=at + timedelta(days=2, hours=1))
        if steps >= 3:
            self._decide(service_request, registry.approver, at=at + timedelta(days=2, hours=5))
        return service_request

    def _submit(self, service_request: ServiceRequest, account: Account, *, at: datetime) -> None:
        form = DraftForm(service_request, at.date())
        found = responsibility(self.definition, form.evaluation.values, on=at.date())
        drafts.submit(
            service_request,
            self.definition,
            destination=found.destination if found else None,
            by=account,
            at=at,
        )

    def _propose(self, service_request: ServiceRequest, clerk: StaffMember, *, at: datetime) -> None:
        outcome = self.dice.choices(list(REASONS), weights=(8, 1, 2))[0]
        decisions.propose(service_request, outcome=outcome, reasons=REASONS[outcome], by=clerk, at=at)

    def _decide(self, service_request: ServiceRequest, approver: StaffMember, *, at: datetime) -> None:
        decisions.approve(service_request, by=approver, at=at)
        data = decision_data(service_request)
        code = data.verification.code
        notices.serve(service_request, decision_pdf(data), code=code, at=at + timedelta(minutes=1))


def answers(citizen: Citizen, place: str, dice: random.Random) -> dict[str, Any]:
    """As they are typed: nothing is looked up yet."""
    purpose = dice.choice(_PURPOSES)
    return {
        "relation": "self",
        "applicant": {
            "given_names": citizen.given_names,
            "family_name": citizen.family_name,
            "birth_date": _parts(citizen.born),
            "email": citizen.email,
        },
        "birth_place": {"text": place},
        "registry_year": str(citizen.born.year),
        "copies_certificate": str(dice.randint(1, 3)),
        "copies_multilingual": dice.choice(("", "", "1")),
        "parent_words": "mother_father",
        "purpose": purpose,
        "delivery_address": {
            "street": citizen.street,
            "house_number": citizen.house_number,
            "postcode": citizen.postcode,
            "place": citizen.place,
            "country": "DE",
        },
        "correct": "yes",
        "privacy": "yes",
    }


def _parts(day: date) -> dict[str, str]:
    return {"day": str(day.day), "month": str(day.month), "year": str(day.year)}
