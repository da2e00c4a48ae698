import pytest

from servicekonto.accounts.models import Account
from tests.builders.logout import create_website_with_logout, id_token_for
from tests.builders.oidc import Website
from tests.support.client import PageClient


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def website() -> Website:
    return create_website_with_logout()


@pytest.fixture
def hint(client: PageClient, website: Website, erika: Account) -> str:
    return id_token_for(client, website)
