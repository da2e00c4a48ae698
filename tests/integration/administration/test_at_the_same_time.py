"""With real commits: two administrators, two clicks, two connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from servicekonto.accounts.passwords import hash_password
from servicekonto.audit import Action
from servicekonto.audit.models import AuditEntry
from servicekonto.authorities import commands, invitations, queries
from servicekonto.authorities.events import StaffInvited
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import DomainError
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import PASSWORD
from tests.builders.authorities import create_staff_member
from tests.support.published import Published


@pytest.fixture(autouse=True)
def database_for_all() -> None:
    """Not the shared one."""


def at_once(app: Servicekonto, *acts: Callable[[], Any]) -> list[bool]:
    """True for each act that came through."""
    start = Barrier(len(acts))

    def attempt(act: Callable[[], Any]) -> bool:
        with app.app_context(), scoped(SYSTEM):
            start.wait(10)
            try:
                with unit_of_work():
                    act()
            except DomainError:
                return False
            return True

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(attempt, acts))


def entries(action: Action) -> int:
    found = sa.select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
    return db.session.scalar(found) or 0


def test_of_two_administrators_who_take_each_other_away_one_stays(committed_app: Servicekonto) -> None:
    with committed_app.app_context(), scoped(SYSTEM):
        members = [create_staff_member(roles=[Role.AUTHORITY_ADMINISTRATOR]) for _ in range(2)]
        one, other = (member.id for member in members)

    def take_away(victim: UUID, actor: UUID) -> Callable[[], None]:
        def act() -> None:
            by = db.session.get_one(StaffMember, actor).account
            commands.deactivate_staff_member(db.session.get_one(StaffMember, victim), by=by, at=clock.now())

        return act

    came_through = at_once(committed_app, take_away(one, other), take_away(other, one))

    assert sorted(came_through) == [False, True]
    with committed_app.app_context(), scoped(SYSTEM):
        active = sa.select(StaffMember.id).where(StaffMember.deactivated_at.is_(None))
        assert len(db.session.scalars(active).all()) == 1
        assert entries(Action.STAFF_DEACTIVATED) == 1


def test_of_two_clicks_on_one_link_one_makes_the_account(committed_app: Servicekonto) -> None:
    with committed_app.app_context(), scoped(SYSTEM), Published.of(StaffInvited) as published:
        with unit_of_work():
            invitations.invite(
                queries.get_authority("hanau"), "neu@example.org", display_name="Nele Neu", units=[],
                roles=[Role.CLERK], by=None, at=clock.now(),
            )  # fmt: skip
        token, encoded = published.one(StaffInvited).link_token, hash_password(PASSWORD)

    def accept() -> None:
        invitations.accept(token, encoded_hash=encoded, at=clock.now())

    assert sorted(at_once(committed_app, accept, accept)) == [False, True]
    with committed_app.app_context(), scoped(SYSTEM):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(StaffMember)) == 1
        assert entries(Action.INVITATION_ACCEPTED) == 1


def test_of_two_invitations_to_one_address_one_is_sent(committed_app: Servicekonto) -> None:
    def invite() -> None:
        invitations.invite(
            queries.get_authority("hanau"), "neu@example.org", display_name="Nele Neu", units=[],
            roles=[Role.CLERK], by=None, at=clock.now(),
        )  # fmt: skip

    assert sorted(at_once(committed_app, invite, invite)) == [False, True]
    with committed_app.app_context(), scoped(SYSTEM):
        assert entries(Action.STAFF_INVITED) == 1
