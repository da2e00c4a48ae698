"""Publishing definitions and putting services online. A published version never changes."""

from datetime import date, datetime

import sqlalchemy as sa

from servicekonto.authorities.models import Authority, Unit
from servicekonto.catalogue.definition import Definition, canonical_json, definition_hash
from servicekonto.catalogue.models import Offer, Service, ServiceVersion
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError


class PublishedVersionChangedError(ConflictError):
    """The definition differs from the published one under the same number: it needs a new number."""


def publish(definition: Definition, *, valid_from: date, at: datetime) -> ServiceVersion | None:
    """The new version, or None when exactly this one is published already."""
    service = db.session.scalar(sa.select(Service).where(Service.key == definition.key))
    if service is None:
        service = Service(key=definition.key, slug=definition.slug)
        db.session.add(service)
    published = {version.number: version for version in service.versions}
    known = published.get(definition.version)
    if known is not None:
        if known.sha256 != definition_hash(definition):
            raise PublishedVersionChangedError(f"{definition.key} version {definition.version}")
        return None
    if published and definition.version < max(published):
        raise ConflictError(f"{definition.key} has a newer version than {definition.version}")
    version = ServiceVersion(
        service=service,
        number=definition.version,
        definition=canonical_json(definition),
        sha256=definition_hash(definition),
        published_at=at,
        valid_from=valid_from,
    )
    db.session.add(version)
    db.session.flush()
    return version


def put_online(service_key: str, authority: Authority, unit: Unit, *, from_day: date) -> Offer:
    """From this day the unit takes requests for the service. Repeating it changes nothing."""
    offer = db.session.scalar(
        sa.select(Offer).where(Offer.service_key == service_key, Offer.authority_id == authority.id)
    )
    if offer is None:
        offer = Offer(
            service_key=service_key, authority_id=authority.id, unit_id=unit.id, online_from=from_day
        )
        db.session.add(offer)
        db.session.flush()
    return offer
