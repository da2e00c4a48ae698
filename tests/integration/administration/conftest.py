import pytest

from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember
from tests.builders.accounts import sign_in
from tests.builders.authorities import create_staff_member
from tests.support.audit_trail import Trail
from tests.support.client import PageClient


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def admin(client: PageClient) -> StaffMember:
    """Signed in with ``client``."""
    member = create_staff_member(
        roles=[Role.AUTHORITY_ADMINISTRATOR], display_name="Ada Vorstand", email="ada@example.org"
    )
    sign_in(client, member.account)
    return member


@pytest.fixture
def trail(admin: StaffMember) -> Trail:
    """What is written once the administrator is there."""
    return Trail()
