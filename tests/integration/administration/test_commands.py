"""One act, one entry, in the same transaction; ``flask staff``."""

from collections.abc import Callable
from datetime import date

import pytest

from servicekonto.accounts import sessions
from servicekonto.audit import Action
from servicekonto.authorities import commands, invitations, queries
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.catalogue.commands import put_online
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import InvalidInputError
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.authorities import create_staff_member
from tests.support.audit_trail import Trail
from tests.support.client import PageClient

Act = Callable[[StaffMember], object]


def deactivate(member: StaffMember) -> None:
    commands.deactivate_staff_member(member, by=None, at=SOME_DAY)


def rename(member: StaffMember) -> None:
    commands.change_staff_member(
        member, display_name="Neu", units=member.units, roles=member.roles, by=None, at=SOME_DAY
    )


def go_online(member: StaffMember) -> None:
    unit = queries.get_unit(member.authority, "registry_office")
    put_online("geburtsurkunde", member.authority, unit, from_day=date(2026, 1, 1), by=None, at=SOME_DAY)


def move(member: StaffMember) -> None:
    values = {name: getattr(member.authority, name) for name in commands.CONTACT_FIELDS}
    commands.change_contact(member.authority, values | {"city": "Hanau-West"}, by=None, at=SOME_DAY)


def invite(member: StaffMember) -> None:
    invitations.invite(
        member.authority, "neu@example.org", display_name="Neu", units=[], roles=[Role.CLERK],
        by=None, at=SOME_DAY,
    )  # fmt: skip


ACTS: dict[Action, Act] = {
    Action.STAFF_DEACTIVATED: deactivate,
    Action.STAFF_CHANGED: rename,
    Action.OFFER_CREATED: go_online,
    Action.CONTACT_CHANGED: move,
    Action.STAFF_INVITED: invite,
}


@pytest.mark.parametrize("action", ACTS)
def test_an_act_leaves_one_entry_and_repeating_what_is_done_none(action: Action) -> None:
    member = create_staff_member()
    trail = Trail()

    with unit_of_work():
        ACTS[action](member)
        if action is not Action.STAFF_INVITED:
            ACTS[action](member)

    assert trail.actions == [action]


@pytest.mark.parametrize("action", ACTS)
def test_an_act_that_fails_later_leaves_no_entry(action: Action) -> None:
    member = create_staff_member()
    trail = Trail()

    def fail() -> None:
        with unit_of_work():
            ACTS[action](member)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert trail.entries == []


def test_a_command_that_refuses_leaves_no_entry(admin: StaffMember, trail: Trail) -> None:
    foreign = queries.get_unit(queries.get_authority("kassel"), "registry_office")
    refused: list[Callable[[], object]] = [
        lambda: commands.deactivate_staff_member(admin, by=admin.account, at=SOME_DAY),
        lambda: commands.change_staff_member(
            admin, display_name="X", units=[foreign], roles=admin.roles, by=admin.account, at=SOME_DAY
        ),
        lambda: invitations.invite(
            admin.authority, "ada@example.org", display_name="X", units=[], roles=[Role.CLERK],
            by=admin.account, at=SOME_DAY,
        ),
    ]  # fmt: skip

    for command in refused:
        with pytest.raises(InvalidInputError), unit_of_work():
            command()

    assert trail.entries == []
    assert admin.display_name == "Ada Vorstand"


def run(app: Servicekonto, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["staff", *arguments])
    return result.exit_code, result.output


def test_the_first_administrator_is_invited_from_the_command_line(app: Servicekonto) -> None:
    trail = Trail()

    code, said = run(
        app, "invite", "--authority", "hanau", "--email", "erste@example.org", "--name", "Erste Person"
    )

    assert (code, said) == (0, "Invited. The link is valid for 7 days.\n")
    entry = trail.one(Action.STAFF_INVITED)
    assert entry.actor_id is None
    assert entry.payload == {"roles": ["authority_administrator"], "unit_ids": []}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"--authority": "atlantis"}, "There is no atlantis."),
        ({"--unit": "atlantis"}, "There is no atlantis."),
        ({"--email": "nicht@"}, "no e-mail address"),
        ({"--role": "king"}, "'king' is not one of"),
    ],
)
def test_a_mistake_on_the_command_line_is_said(
    app: Servicekonto, changes: dict[str, str], complaint: str
) -> None:
    trail = Trail()
    options = {"--authority": "hanau", "--email": "erste@example.org", "--name": "Erste"} | changes

    code, said = run(app, "invite", *(part for option in options.items() for part in option))

    assert code != 0
    assert complaint in said
    assert trail.entries == []


def test_the_command_line_lets_the_last_administrator_go(
    app: Servicekonto, admin: StaffMember, trail: Trail
) -> None:
    browser = PageClient(app)
    token = sign_in(browser, admin.account)

    code, _said = run(app, "deactivate", "--email", "ada@example.org")

    assert code == 0
    trail.one(Action.STAFF_DEACTIVATED)
    assert sessions.load(token, clock.now()) is None


def test_nobody_to_deactivate_is_said(app: Servicekonto) -> None:
    create_account(email="citizen@example.org")

    for email in ("citizen@example.org", "unknown@example.org", "x"):
        code, said = run(app, "deactivate", "--email", email)
        assert code != 0
        assert "Nobody with this address" in said
