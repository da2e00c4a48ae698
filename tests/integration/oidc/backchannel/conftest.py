from collections.abc import Iterator

import pytest

from tests.builders.logout import Receiver, create_website_with_logout, receiver
from tests.builders.oidc import Website


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def received() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def website(received: Receiver) -> Website:
    return create_website_with_logout(backchannel_logout_uri=received.uri)
