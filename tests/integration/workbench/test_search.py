"""A search for a person leaves no name in an address, and so in no log of a proxy."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from servicekonto.service_requests.inbox import PAGE_SIZE
from tests.builders.accounts import sign_in
from tests.builders.requests import Registry, create_registry, create_service_request
from tests.support.client import PageClient

NAME = "Müßig-Groß"


@pytest.fixture
def registry(database: None) -> Registry:
    registry = create_registry()
    create_service_request(registry=registry)
    return registry


def search(client: PageClient, text: str, **chosen: Any) -> str:
    """The address of the list that was found."""
    return client.get("/behoerde/").form("/suche").submit(client, suche=text, **chosen).location


def test_the_address_of_what_was_found_names_nobody(client: PageClient, registry: Registry) -> None:
    sign_in(client, registry.clerk.account)

    address = search(client, NAME, status="received")

    query = parse_qs(urlsplit(address).query)
    assert query["status"] == ["received"]
    assert "Groß" not in query["suche"][0] and len(query["suche"][0]) > len(NAME)
    page = client.get(address)
    assert page.select_one("#suche")["value"] == NAME
    assert len(page.select("tbody tr")) == 1


def test_the_same_address_is_of_no_use_to_a_colleague(client: PageClient, registry: Registry) -> None:
    sign_in(client, registry.clerk.account)
    address = search(client, NAME)

    sign_in(client, registry.approver.account)

    assert client.client.get(address).status_code == 422


@pytest.mark.parametrize("sealed", [NAME, "x", "AQ", "=" * 4, "\x00"])
def test_what_nobody_sealed_is_refused(client: PageClient, registry: Registry, sealed: str) -> None:
    sign_in(client, registry.clerk.account)

    assert client.client.get("/behoerde/", query_string={"suche": sealed}).status_code == 422


def test_an_empty_search_leaves_the_address_short(client: PageClient, registry: Registry) -> None:
    sign_in(client, registry.clerk.account)

    assert search(client, "  ") == "/behoerde/"


def test_the_next_page_searches_for_the_same(client: PageClient, registry: Registry) -> None:
    for _number in range(PAGE_SIZE):
        create_service_request(registry=registry)
    sign_in(client, registry.clerk.account)

    first = client.get(search(client, NAME))
    (link,) = first.select(".sk-pagination a")
    second = client.get(str(link["href"]))

    assert (len(first.select("tbody tr")), len(second.select("tbody tr"))) == (PAGE_SIZE, 1)
    assert second.select_one("#suche")["value"] == NAME
