"""No page is larger than promised: 60 kB of HTML, however much there is to show; a first visit: 250 kB."""

import gzip

import pytest

from servicekonto.service_requests.status import Status
from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_copies, create_registry, create_service_request
from tests.builders.town import PERSONAL_DATA, create_town
from tests.integration.web.test_queries import MOST
from tests.support.client import PageClient

MOST_BYTES, MOST_OF_A_FIRST_VISIT = 60_000, 250_000
FOUND = "what a search finds"
FONTS_OF_THE_START_PAGE = ("FiraSans-Regular.woff2", "FiraSans-SemiBold.woff2")


@pytest.mark.usefixtures("database")
def test_no_page_is_larger_than_promised() -> None:
    town = create_town()
    ids = {"draft": town.draft.id, "website": town.website.id}
    ids |= {status.value: request.id for status, request in town.requests.items()}
    sizes = {
        (who, path): len(town.client(who).get(path.format(**ids)).response.get_data()) for who, path in MOST
    }

    assert {page: size for page, size in sizes.items() if size > MOST_BYTES} == {}


def found(client: PageClient) -> str:
    return client.get("/behoerde/").form("/suche").submit(client, suche="Groß").location


@pytest.mark.parametrize("path", ["/behoerde/", FOUND, "/antraege/"])
def test_a_full_list_is_not_larger_either(client: PageClient, path: str) -> None:
    citizen, registry = create_account(values=PERSONAL_DATA), create_registry()
    create_copies(create_service_request(citizen, registry=registry, status=Status.IN_REVIEW), 119)
    sign_in(client, citizen if path.startswith("/antraege") else registry.clerk.account)

    page = client.get(found(client) if path == FOUND else path)

    assert len(page.response.get_data()) <= MOST_BYTES


def test_a_first_visit_is_small(client: PageClient) -> None:
    page = client.get("/")
    named = [str(tag.get("href") or tag.get("src")) for tag in page.select("link[href], script[src]")]
    style_of_fonts = next(address for address in named if address.endswith("fonts.css"))
    fonts = {f"{style_of_fonts.rpartition('/')[0]}/fonts/{name}" for name in FONTS_OF_THE_START_PAGE}
    wanted = fonts | {address for address in named if address.startswith("/assets/")}

    answers = [client.client.get(path, headers={"Accept-Encoding": "gzip"}) for path in sorted(wanted)]

    assert {answer.status_code for answer in answers} == {200}
    total = sum(len(answer.get_data()) for answer in answers)
    assert total + len(gzip.compress(page.response.get_data())) <= MOST_OF_A_FIRST_VISIT
