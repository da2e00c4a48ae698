"""Names in a request: what the inbox shows and what a clerk can search for by the exact name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from servicekonto.core.db import db
from servicekonto.core.sealing import blind_index
from servicekonto.core.spelling import words
from servicekonto.service_requests.models import NameToken, ServiceRequest

PURPOSE = "service_request.name"
FAMILY_NAMES = ("family_name", "birth_name")


@dataclass(frozen=True)
class Names:
    """``tokens``: what each way of writing a name in the request is found by."""

    applicant: str | None
    tokens: tuple[bytes, ...]


def index_names(service_request: ServiceRequest, values: Mapping[str, Any]) -> None:
    """Every person of the answers; the inbox shows the first one, who is the applicant."""
    names = names_in(values)
    service_request.applicant_name = names.applicant
    for token in names.tokens:
        db.session.add(
            NameToken(
                service_request_id=service_request.id,
                authority_id=service_request.authority_id,
                token=token,
                received_at=service_request.received_at,
            )
        )


def names_in(values: Mapping[str, Any]) -> Names:
    people = list(_people(values))
    spellings = {spelling for person in people for spelling in _spellings(person)}
    return Names(
        applicant=_full_name(people[0]) if people else None,
        tokens=tuple(sorted({name_token(spelling) for spelling in spellings})),
    )


def index_names_anew(service_request: ServiceRequest, values: Mapping[str, Any]) -> None:
    """After the answers, or the authority, have changed."""
    db.session.execute(sa.delete(NameToken).where(NameToken.service_request_id == service_request.id))
    index_names(service_request, values)


def name_token(name: str) -> bytes:
    """Case, accents, hyphens and ä or ae do not matter."""
    return blind_index(PURPOSE, " ".join(words(name)))


def _people(values: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(values, Mapping):
        if any(values.get(name) for name in FAMILY_NAMES):
            yield values
        for value in values.values():
            yield from _people(value)
    elif isinstance(values, list):
        for value in values:
            yield from _people(value)


def _full_name(person: Mapping[str, Any]) -> str:
    family = next(str(person[name]) for name in FAMILY_NAMES if person.get(name))
    return f"{person.get('given_names', '')} {family}".strip()


def _spellings(person: Mapping[str, Any]) -> Iterator[str]:
    """Full name both ways round, first given name, family name and birth name alone."""
    given = str(person.get("given_names", ""))
    first = given.partition(" ")[0]
    for family in filter(None, (person.get(name) for name in FAMILY_NAMES)):
        yield family
        if given:
            yield f"{given} {family}"
            yield f"{first} {family}"
            yield f"{family} {given}"
            yield f"{family} {first}"
