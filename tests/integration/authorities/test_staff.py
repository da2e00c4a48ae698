from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import AccountKind
from servicekonto.authorities import commands, policy, queries
from servicekonto.authorities.events import StaffMemberAdded, StaffMemberDeactivated
from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from servicekonto.authorities.queries import colleagues_of, staff_member_of
from servicekonto.core.db import db
from servicekonto.core.errors import InvalidInputError, NotFoundError
from servicekonto.core.events import DomainEvent, react_to
from servicekonto.web.access import Permission
from tests.builders.accounts import create_account
from tests.builders.authorities import SOME_DAY, create_staff_member, import_authorities

pytestmark = pytest.mark.usefixtures("database")

published: list[DomainEvent] = []
react_to(StaffMemberAdded, published.append)
react_to(StaffMemberDeactivated, published.append)


@pytest.fixture(autouse=True)
def _authorities(database: None) -> None:
    import_authorities()
    published.clear()


def test_a_member_of_staff_works_in_units_of_one_authority_with_roles() -> None:
    added = create_staff_member(
        units=["registry_office", "passport_office"], roles=[Role.CLERK, Role.APPROVER]
    )
    db.session.expire_all()

    member = queries.staff_member_of(added.account)

    assert member is not None
    assert member.authority.key == "hanau"
    assert [unit.key for unit in member.units] == ["passport_office", "registry_office"]
    assert member.roles == {Role.CLERK, Role.APPROVER}
    assert member.display_name == "Sabine Beispiel"
    assert isinstance(published[0], StaffMemberAdded)


def test_the_name_is_not_readable_in_the_database() -> None:
    create_staff_member(display_name="Sabine Beispiel")

    stored = db.session.execute(sa.select(StaffMember.display_name_sealed)).scalars().all()

    assert not any(b"Beispiel" in (name or b"") for name in stored)


@pytest.mark.parametrize(
    ("roles", "permissions"),
    [
        ([Role.CLERK], {Permission.PROCESS_REQUESTS}),
        ([Role.APPROVER], {Permission.PROCESS_REQUESTS, Permission.APPROVE_DECISIONS}),
        ([Role.AUTHORITY_ADMINISTRATOR], {Permission.ADMINISTER_AUTHORITY}),
        (
            [Role.CLERK, Role.AUTHORITY_ADMINISTRATOR],
            {Permission.PROCESS_REQUESTS, Permission.ADMINISTER_AUTHORITY},
        ),
    ],
)
def test_roles_give_permissions(roles: list[Role], permissions: set[Permission]) -> None:
    member = create_staff_member(roles=roles)

    assert policy.permissions_of(member.account) == permissions | {Permission.SEE_STATISTICS}


def test_other_accounts_have_no_permissions_at_an_authority() -> None:
    assert policy.permissions_of(create_account()) == frozenset()
    assert policy.permissions_of(create_account(kind=AccountKind.STAFF)) == frozenset()


def test_a_deactivated_member_of_staff_may_nothing_any_more_but_keeps_the_name() -> None:
    member = create_staff_member()

    commands.deactivate_staff_member(member, by=None, at=SOME_DAY)
    commands.deactivate_staff_member(member, by=None, at=SOME_DAY + timedelta(days=1))

    assert member.deactivated_at == SOME_DAY
    assert [type(event) for event in published] == [StaffMemberAdded, StaffMemberDeactivated]
    assert policy.permissions_of(member.account) == frozenset()
    assert policy.permissions_of_staff(member) == frozenset()
    assert queries.staff_member_of(member.account) is None
    assert queries.names_of_accounts({member.account_id}) == {member.account_id: "Sabine Beispiel"}


def test_colleagues_are_the_active_people_of_the_same_authority() -> None:
    sabine = create_staff_member(display_name="Sabine Beispiel")
    ali = create_staff_member(display_name="Ali Muster")
    left = create_staff_member(display_name="Lena Fort")
    foreign = create_staff_member(authority="kassel", display_name="Karl Fern")
    commands.deactivate_staff_member(left, by=sabine.account, at=SOME_DAY)

    assert queries.colleagues_of(sabine) == [ali, sabine]
    assert queries.colleague(sabine, ali.id) is ali
    for nobody in (left.id, foreign.id):
        with pytest.raises(NotFoundError):
            queries.colleague(sabine, nobody)


def test_one_account_works_for_one_authority_only() -> None:
    member = create_staff_member()
    kassel = queries.get_authority("kassel")

    with pytest.raises(commands.AlreadyStaffError):
        commands.add_staff_member(
            member.account, kassel, [], [Role.CLERK], display_name="Sabine", by=None, at=SOME_DAY
        )


@pytest.mark.parametrize(
    ("kind", "units_of", "roles", "field"),
    [
        (AccountKind.CITIZEN, "hanau", [Role.CLERK], "account"),
        (AccountKind.STAFF, "kassel", [Role.CLERK], "units"),
        (AccountKind.STAFF, "hanau", [], "roles"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    kind: AccountKind, units_of: str, roles: list[Role], field: str
) -> None:
    account = create_account(kind=kind)
    unit = queries.get_unit(queries.get_authority(units_of), "registry_office")
    hanau = queries.get_authority("hanau")

    with pytest.raises(InvalidInputError) as refused:
        commands.add_staff_member(account, hanau, [unit], roles, display_name="X", by=None, at=SOME_DAY)

    assert set(refused.value.errors) == {field}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StaffMember)) == 0


def test_looking_up_staff_takes_the_same_number_of_queries_for_any_number_of_people(
    queries: list[str],
) -> None:
    member = create_staff_member(units=["registry_office", "passport_office", "taxi"], roles=list(Role))
    account = member.account
    for _ in range(3):
        create_staff_member()
    db.session.expunge_all()
    queries.clear()

    found = staff_member_of(account)
    assert found is not None
    assert (len(found.units), len(found.roles), len(queries)) == (3, len(Role), 1)

    assert len(colleagues_of(found)) == 4
    assert len(queries) <= 4
