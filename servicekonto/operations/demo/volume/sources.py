"""What the rows are made of: registries with their people, and answers that the real forms engine accepts."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from servicekonto.accounts import addresses
from servicekonto.accounts.models import Account
from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue import queries as catalogue
from servicekonto.catalogue.definition import evaluate
from servicekonto.core import clock
from servicekonto.core.db import db
from servicekonto.core.sealing import to_json
from servicekonto.operations.demo import people
from servicekonto.operations.demo.requests import Writer, answers
from servicekonto.operations.demo.volume.courses import Actor
from servicekonto.service_requests.destinations import responsibility
from servicekonto.service_requests.names import Names, names_in

SERVICE = "geburtsurkunde"
PLACES = ("Hanau", "Kassel", "Gelnhausen")


@dataclass(frozen=True, kw_only=True)
class Office:
    """A registry that takes the service online. ``accounts``: who acts there; ``found_place``: looked up."""

    place: str
    authority_id: UUID
    authority_name: str
    unit_id: UUID
    clerk_id: UUID
    accounts: Mapping[Actor, UUID]
    reason: str
    found_place: Any


@dataclass(frozen=True)
class Answered:
    """``answers`` as JSON, and the names in them."""

    answers: bytes
    names: Names


@dataclass
class Sources:
    """``at`` is the moment of the demonstration, from which everything counts back."""

    at: datetime
    writer: Writer
    service_name: str
    offices: tuple[Office, ...]
    _answered: dict[tuple[int, str], Answered] = field(default_factory=dict)

    def answered(self, person: int, office: Office) -> Answered:
        """Computed once for each person and registry."""
        key = (person % people.VARIETY, office.place)
        if key not in self._answered:
            self._answered[key] = _answer(self.writer, _typed(self.writer, person, office), self.at)
        return self._answered[key]


def read_sources(at: datetime) -> Sources:
    """Reads the demonstration that is there already."""
    service = catalogue.published_service(SERVICE, clock.today())
    dice = random.Random(20261127)  # noqa: S311 - no secret
    writer = Writer(definition=service.definition, version_id=service.version_id, dice=dice)
    return Sources(
        at=at,
        writer=writer,
        service_name=str(service.definition.names.name),
        offices=tuple(_office(writer, place, at) for place in PLACES),
    )


def _office(writer: Writer, place: str, at: datetime) -> Office:
    clerk, approver = (
        _staff_member(f"{name}.{place.lower()}@example.org") for name in ("standesamt", "leitung")
    )
    pages = len(writer.definition.pages)
    typed = writer.typed(people.one_of_many(0), place, on=at.date(), pages=pages)
    values = evaluate(writer.definition, typed, today=at.date()).values
    found = responsibility(writer.definition, values, on=clock.today())
    if found is None or found.destination is None:
        raise LookupError(f"{place} does not take {SERVICE} online")
    destination = found.destination
    return Office(
        place=place,
        authority_id=destination.offer.authority_id,
        authority_name=destination.offer.authority.name,
        unit_id=destination.offer.unit_id,
        clerk_id=clerk.id,
        accounts={Actor.CLERK: clerk.account_id, Actor.APPROVER: approver.account_id},
        reason=destination.reason,
        found_place=typed["birth_place"],
    )


def _staff_member(email: str) -> StaffMember:
    found = db.session.scalars(
        sa.select(StaffMember)
        .join(Account, Account.id == StaffMember.account_id)
        .where(Account.email_index == addresses.fingerprint(email))
    ).one_or_none()
    if found is None:
        raise LookupError(f"nobody works as {email}")
    return found


def _answer(writer: Writer, typed: Mapping[str, Any], at: datetime) -> Answered:
    evaluation = evaluate(writer.definition, typed, today=at.date())
    if not evaluation.is_complete:
        raise ValueError(f"the invented answers are not complete: {evaluation.errors}")
    return Answered(to_json(dict(evaluation.values)), names_in(evaluation.values))


def _typed(writer: Writer, person: int, office: Office) -> dict[str, Any]:
    writer.dice.seed(person)
    typed = answers(people.one_of_many(person), office.place, writer.dice)
    return typed | {"birth_place": office.found_place}
