"""Reading the catalogue. Definitions never change once published, so each is parsed once per process."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicekonto.catalogue.definition import Definition, definition_from_json
from servicekonto.catalogue.models import Offer, Service, ServiceVersion
from servicekonto.core.db import db
from servicekonto.core.errors import NotFoundError

_parsed: dict[UUID, Definition] = {}


@dataclass(frozen=True)
class PublishedService:
    """The version in force and its definition."""

    version_id: UUID
    definition: Definition


def published_services(on: date) -> list[PublishedService]:
    """The newest version in force of every service, by German name."""
    found: dict[UUID, PublishedService] = {}
    for row in db.session.execute(_in_force(on)).all():
        found[row.service_id] = PublishedService(row.id, definition_by_id(row.id))
    return sorted(found.values(), key=lambda service: str(service.definition.names.name).casefold())


def names_of_services(on: date) -> dict[str, str]:
    """Key → name in the language of the reader, of every service in force."""
    return {found.definition.key: str(found.definition.names.name) for found in published_services(on)}


def published_service(slug: str, on: date) -> PublishedService:
    rows = db.session.execute(_in_force(on).join(Service).where(Service.slug == slug)).all()
    if not rows:
        raise NotFoundError(slug)
    return PublishedService(rows[-1].id, definition_by_id(rows[-1].id))


def definition_of(version: ServiceVersion) -> Definition:
    return definition_by_id(version.id)


def offer_of(service_key: str, authority_id: UUID, on: date) -> Offer | None:
    """None: this authority does not take the service online (yet)."""
    return db.session.scalar(
        sa.select(Offer)
        .options(joinedload(Offer.authority), joinedload(Offer.unit))
        .where(
            Offer.service_key == service_key,
            Offer.authority_id == authority_id,
            Offer.online_from <= on,
            sa.or_(Offer.online_until.is_(None), Offer.online_until >= on),
        )
    )


def offers_online(service_key: str, on: date) -> list[Offer]:
    """Everybody who takes the service online that day, by name of the authority."""
    offers = db.session.scalars(
        sa.select(Offer)
        .options(joinedload(Offer.authority), joinedload(Offer.unit))
        .where(
            Offer.service_key == service_key,
            Offer.online_from <= on,
            sa.or_(Offer.online_until.is_(None), Offer.online_until >= on),
        )
    )
    return sorted(offers, key=lambda offer: offer.authority.name.casefold())


def offers_of(authority_id: UUID) -> dict[str, Offer]:
    """By the key of the service; past and coming ones too."""
    offers = db.session.scalars(
        sa.select(Offer).options(joinedload(Offer.unit)).where(Offer.authority_id == authority_id)
    )
    return {offer.service_key: offer for offer in offers}


def _in_force(on: date) -> sa.Select[UUID, UUID]:
    return (
        sa.select(ServiceVersion.service_id, ServiceVersion.id)
        .where(
            ServiceVersion.valid_from <= on,
            sa.or_(ServiceVersion.valid_to.is_(None), ServiceVersion.valid_to >= on),
        )
        .order_by(ServiceVersion.number)
    )


def definition_by_id(version_id: UUID) -> Definition:
    if version_id not in _parsed:
        version = db.session.get_one(ServiceVersion, version_id)
        _parsed[version_id] = definition_from_json(version.definition)
    return _parsed[version_id]
