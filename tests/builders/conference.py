"""Registrations for a conference with few places, by invented people."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.authorities import queries as authorities
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue.commands import put_online
from servicekonto.catalogue.definition import Definition, Limited
from servicekonto.catalogue.models import Offer
from servicekonto.catalogue.queries import published_service
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.service_requests.commands import drafts
from servicekonto.service_requests.commands.places import set_capacity
from servicekonto.service_requests.models import ServiceRequest
from tests.builders.accounts import SOME_DAY, create_account
from tests.builders.authorities import create_staff_member
from tests.builders.requests import submit, with_places

SERVICE = "regionalkonferenz"
AUTHORITY, UNIT = "hmd", "regional_conference"


def definition() -> Definition:
    return published_service(SERVICE, clock.today()).definition


def limited() -> Limited:
    found = definition().limited
    assert found is not None
    return found


def create_conference(places: int) -> StaffMember:
    """Online with so many places; who works on it and administers the ministry."""
    host = create_staff_member(
        authority=AUTHORITY, units=[UNIT], roles=list(Role), display_name="Cora Konferenz"
    )
    with unit_of_work():
        authority = authorities.get_authority(AUTHORITY)
        unit = authorities.get_unit(authority, UNIT)
        offer = put_online(SERVICE, authority, unit, from_day=SOME_DAY.date(), by=None, at=SOME_DAY)
        set_capacity(offer, limited(), places, by=host, at=SOME_DAY)
    return host


def conference_offer() -> Offer:
    return db.session.scalars(sa.select(Offer).where(Offer.service_key == SERVICE)).one()


def answers(**changes: Any) -> dict[str, Any]:
    person = {"given_names": "Mia", "family_name": "Musterfrau", "email": "mia@example.org"}
    return {
        "participant": person,
        "function": "Leitung der IT",
        "represents": "municipality",
        "municipality": {"text": "Hanau"},
        "privacy": "yes",
    } | changes


def begin_registration(account: Account | None = None, *, at: datetime = SOME_DAY) -> ServiceRequest:
    """Filled in completely."""
    account = account or create_account()
    with unit_of_work():
        service = published_service(SERVICE, clock.local_date(at))
        draft = drafts.start(
            service.definition, service_version_id=service.version_id, prefilled={}, by=account, at=at
        )
        drafts.save(draft, with_places(service.definition, answers(), at), at=at)
    return draft


def register(account: Account | None = None, *, at: datetime = SOME_DAY) -> ServiceRequest:
    return submit(begin_registration(account, at=at), at=at)
