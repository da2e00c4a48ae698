"""Is there anything new? Cheap to ask, and answered for the own requests only."""

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.service_requests.commands import conversation, processing
from tests.builders.accounts import create_account, sign_in
from tests.builders.requests import create_registry, create_service_request
from tests.support.client import PageClient

ADDRESS = "/antraege/stand"


def test_nothing_new_is_answered_without_a_body(client: PageClient) -> None:
    request = create_service_request()
    sign_in(client, request.account)
    first = client.client.get(ADDRESS)

    again = client.client.get(ADDRESS, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


def test_a_new_status_and_a_new_message_show(client: PageClient) -> None:
    registry = create_registry()
    request = create_service_request(registry=registry)
    sign_in(client, request.account)
    seen = client.get(f"/antraege/{request.id}").select_one("[data-live]")
    address, etag = str(seen["data-live"]), client.client.get(ADDRESS).headers["ETag"]
    assert client.client.get(address).get_json()["changed"] == seen["data-seen"]

    with unit_of_work():
        processing.take(request, by=registry.clerk, at=clock.now())
        conversation.reply(request, "Guten Tag", by=registry.clerk, at=clock.now())

    assert client.client.get(address).get_json()["changed"] != seen["data-seen"]
    assert client.client.get(ADDRESS, headers={"If-None-Match": etag}).get_json()["unread"] == 1


def test_it_takes_one_query_beside_the_session(client: PageClient, queries: list[str]) -> None:
    request = create_service_request()
    sign_in(client, request.account)
    client.client.get(ADDRESS)
    queries.clear()

    client.client.get(f"{ADDRESS}?antrag={request.id}")

    assert len(queries) == 2, queries


def test_a_foreign_request_looks_like_an_unknown_one(client: PageClient) -> None:
    request = create_service_request()
    sign_in(client, create_account())

    foreign = client.client.get(f"{ADDRESS}?antrag={request.id}")
    unknown = client.client.get(f"{ADDRESS}?antrag=01890000-0000-7000-8000-000000000000")

    assert foreign.get_json() == unknown.get_json() == {"changed": "", "unread": 0}
