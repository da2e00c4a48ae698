"""No page is larger than promised: 60 kB of HTML, also for somebody with much to look at."""

import pytest

from servicekonto.service_requests.status import Status
from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_copies, create_registry, create_service_request
from tests.builders.town import PERSONAL_DATA, create_town
from tests.integration.web.test_queries import MOST
from tests.support.client import PageClient

MOST_BYTES = 60_000


@pytest.mark.usefixtures("database")
def test_no_page_is_larger_than_promised() -> None:
    town = create_town()
    ids = {"draft": town.draft.id, **{status.value: request.id for status, request in town.requests.items()}}
    sizes = {
        (who, path): len(town.client(who).get(path.format(**ids)).response.get_data()) for who, path in MOST
    }

    assert {page: size for page, size in sizes.items() if size > MOST_BYTES} == {}


@pytest.mark.parametrize("path", ["/behoerde/", "/behoerde/?suche=Groß", "/antraege/"])
def test_a_full_list_is_not_larger_either(client: PageClient, path: str) -> None:
    citizen, registry = create_account(values=PERSONAL_DATA), create_registry()
    create_copies(create_service_request(citizen, registry=registry, status=Status.IN_REVIEW), 119)
    sign_in(client, citizen if path.startswith("/antraege") else registry.clerk.account)

    page = client.get(path)

    assert len(page.response.get_data()) <= MOST_BYTES
