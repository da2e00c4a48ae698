"""/betrieb/websites: the list of those who run the installation, and who gets there."""

import pytest

from servicekonto.accounts.models import Account
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.clients import create_app_client, create_client
from tests.integration.oidc.client_pages.pages import LIST, page_of
from tests.support.client import PageClient


def test_the_page_of_the_operator_leads_to_the_list(client: PageClient, operator: Account) -> None:
    page = client.get("/betrieb/")

    assert client.get(page.link("Angeschlossene Websites")).h1 == "Angeschlossene Websites"


def test_an_empty_list_says_so(client: PageClient, operator: Account) -> None:
    assert "Noch keine" in client.get(LIST).text


def test_the_list_shows_what_is_registered_and_what_is_disabled(
    client: PageClient, operator: Account
) -> None:
    create_client(name="Portal")
    disabled = create_app_client(name="App")
    with unit_of_work():
        clients.disable(disabled, by=None, at=SOME_DAY)

    rows = client.get(LIST).texts("tbody tr")

    assert [row.split()[0] for row in rows] == ["App", "Portal"]
    assert "Gesperrt seit" in rows[0] and disabled.client_id in rows[0]
    assert "Website mit eigenem Server" in rows[1] and "Freigegeben" in rows[1]


@pytest.mark.parametrize("websites", [1, 30])
def test_the_list_takes_the_same_number_of_queries_for_any_number(
    client: PageClient, operator: Account, queries: list[str], websites: int
) -> None:
    for _number in range(websites):
        create_client()
    db.session.expunge_all()
    queries.clear()

    assert len(client.get(LIST).select("tbody tr")) == websites
    assert len(queries) <= 4, queries


@pytest.mark.parametrize("who", ["citizen", "staff"])
def test_others_do_not_get_there(client: PageClient, who: str) -> None:
    website = create_client()
    sign_in(client, create_account(kind=who))

    assert client.get(LIST, status=403).h1
    assert client.get(page_of(website), status=404).h1


def test_an_unknown_website_is_not_found(client: PageClient, operator: Account) -> None:
    client.get(f"{LIST}01890000-0000-7000-8000-000000000000", status=404)
