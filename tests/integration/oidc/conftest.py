import pytest

from servicekonto.accounts.models import Account, AccountKind
from servicekonto.oidc import keys
from tests.builders.accounts import create_account, sign_in
from tests.builders.oidc import VALUES, Website, agree, create_website
from tests.support.audit_trail import Trail
from tests.support.client import PageClient


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter ones, as with the cost of passwords."""
    monkeypatch.setattr(keys, "RSA_BITS", 2048)


@pytest.fixture
def operator(client: PageClient) -> Account:
    """Signed in with ``client``, just now."""
    account = create_account(kind=AccountKind.OPERATOR)
    sign_in(client, account)
    return account


@pytest.fixture
def trail(database: None) -> Trail:
    """What is written from here on."""
    return Trail()


@pytest.fixture
def website(database: None) -> Website:
    return create_website()


@pytest.fixture
def erika(client: PageClient) -> Account:
    """Signed in with ``client``, just now."""
    account = create_account(email="erika@example.org", values=VALUES)
    sign_in(client, account)
    return account


@pytest.fixture
def erika_who_agreed(client: PageClient, website: Website, erika: Account) -> Account:
    """To what ``website`` asks for when nothing else is said."""
    agree(client, website.send(client))
    return erika
