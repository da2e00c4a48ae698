"""Publishing definitions and putting services online. A published version never changes."""

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext

from servicekonto import audit
from servicekonto.accounts.models import Account
from servicekonto.audit import Action
from servicekonto.authorities.models import Authority, Unit
from servicekonto.catalogue.definition import Definition, canonical_json, definition_hash
from servicekonto.catalogue.models import Offer, Service, ServiceVersion
from servicekonto.core.db import db
from servicekonto.core.errors import ConflictError, InvalidInputError


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


def put_online(
    service_key: str,
    authority: Authority,
    unit: Unit,
    *,
    from_day: date,
    until: date | None = None,
    by: Account | None,
    at: datetime,
) -> Offer:
    """The unit takes requests for the service from one day to another, both included; replaces what was said
    before. Saying the same again is no act.
    """
    _check_offer(authority, unit, from_day=from_day, until=until)
    offer = db.session.scalar(
        sa.select(Offer).where(Offer.service_key == service_key, Offer.authority_id == authority.id)
    )
    wanted = {"unit_id": unit.id, "online_from": from_day, "online_until": until}
    if offer is not None and all(getattr(offer, name) == value for name, value in wanted.items()):
        return offer
    action = Action.OFFER_CHANGED if offer else Action.OFFER_CREATED
    if offer is None:
        offer = Offer(service_key=service_key, authority_id=authority.id, **wanted)
        db.session.add(offer)
    else:
        offer.unit, offer.online_from, offer.online_until = unit, from_day, until
    db.session.flush()
    audit.record(
        action,
        offer.id,
        authority_id=authority.id,
        by=by,
        at=at,
        service_key=service_key,
        unit_id=unit.id,
        online_from=from_day,
        online_until=until,
    )
    return offer


def _check_offer(authority: Authority, unit: Unit, *, from_day: date, until: date | None) -> None:
    if unit.authority_id != authority.id:
        raise InvalidInputError({"unit": gettext("Diese Stelle gehört zu einer anderen Behörde.")})
    if until is not None and until < from_day:
        raise InvalidInputError({"online_until": gettext("Der letzte Tag liegt vor dem ersten.")})
