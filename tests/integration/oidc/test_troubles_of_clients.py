"""Among two hundred websites, those about which something has to be done."""

from datetime import timedelta

import pytest

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import clients, deliveries
from servicekonto.oidc.client_models import AuthMethod, Client, SubjectType
from servicekonto.oidc.outgoing import Failure
from servicekonto.web.application import Servicekonto
from tests.builders.clients import create_app_client, create_client, public_jwk
from tests.support.client import PageClient

LIST = "/betrieb/websites/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def with_secret(*lasting: timedelta | None) -> Client:
    website = create_client(name="Portal")
    with unit_of_work():
        for time in lasting:
            expires_at = clock.now() + time if time is not None else None
            clients.add_secret(website, by=None, at=clock.now(), expires_at=expires_at)
    return website


def row(client: PageClient) -> str:
    (found,) = client.get(LIST).texts("tbody tr")
    return found


def listed(app: Servicekonto) -> str:
    return str(app.test_cli_runner().invoke(args=["clients", "list"]).output)


@pytest.mark.parametrize("lasting", [(29 * DAY,), (-DAY, 3 * DAY)])
def test_a_website_whose_last_secret_ends_soon(
    client: PageClient, operator: Account, lasting: tuple[timedelta, ...]
) -> None:
    with_secret(*lasting)

    assert "Geheimnis endet am" in row(client)
    assert f"(secret ends {clock.now() + lasting[-1]:%Y-%m-%d})" in listed(client.app)


@pytest.mark.parametrize("lasting", [(), (-DAY,)])
def test_a_website_without_any_secret_that_fits(
    client: PageClient, operator: Account, lasting: tuple[timedelta, ...]
) -> None:
    with_secret(*lasting)

    assert "Ohne gültiges Geheimnis" in row(client)
    assert "(no valid secret)" in listed(client.app)


@pytest.mark.parametrize(
    "lasting", [(None,), (31 * DAY,), (3 * DAY, None), (3 * DAY, 31 * DAY), (-DAY, None)]
)
def test_nothing_is_said_while_there_is_one_for_longer(
    client: PageClient, operator: Account, lasting: tuple[timedelta | None, ...]
) -> None:
    with_secret(*lasting)

    assert "Geheimnis" not in row(client)
    assert "secret" not in listed(client.app)


def test_nor_about_those_that_need_none(client: PageClient, operator: Account) -> None:
    create_app_client()
    create_client(
        token_endpoint_auth_method=AuthMethod.PRIVATE_KEY, jwks={"keys": [public_jwk("a")]}, name="Signer"
    )

    assert all("Geheimnis" not in found for found in client.get(LIST).texts("tbody tr"))


def test_a_website_that_does_not_take_what_it_is_told(client: PageClient, operator: Account) -> None:
    website = create_client(backchannel_logout_uri="https://portal.example.org/logout")
    with unit_of_work():
        deliveries.note_failure(website.id, Failure.TIMEOUT, at=clock.now())
    assert "Abmelden kommt nicht an" in row(client)
    assert "(not told of sign-outs)" in listed(client.app)

    with unit_of_work():
        deliveries.note_success(website.id, at=clock.now())

    assert "Abmelden kommt nicht an" not in row(client)


def test_a_disabled_website_has_no_other_troubles(client: PageClient, operator: Account) -> None:
    website = with_secret()
    with unit_of_work():
        deliveries.note_failure(website.id, Failure.TIMEOUT, at=clock.now())
        clients.disable(website, by=None, at=clock.now())

    assert "Geheimnis" not in row(client) and "kommt nicht an" not in row(client)


@pytest.mark.parametrize(("lasting", "is_said"), [((None,), True), ((None, None), False), ((-DAY,), False)])
def test_before_the_only_secret_is_ended_the_page_says_what_that_does(
    client: PageClient, operator: Account, lasting: tuple[timedelta | None, ...], is_said: bool
) -> None:
    page = client.get(f"{LIST}{with_secret(*lasting).id}")

    assert ("Nur ein Geheimnis gilt." in page.text) is is_said


def test_the_page_of_a_website_names_those_that_recognise_the_same_people(
    client: PageClient, operator: Account
) -> None:
    first = create_client(name="Eins", redirect_uris=["https://a.example.org/1"])
    create_client(name="Zwei", redirect_uris=["https://a.example.org/2"])
    create_client(name="Drei", redirect_uris=["https://b.example.org/"], sector_identifier="a.example.org")
    create_client(name="Vier", redirect_uris=["https://b.example.org/"])
    create_client(name="Fünf", redirect_uris=["https://a.example.org/5"], subject_type=SubjectType.PUBLIC)

    assert "Dieselbe Kennung bekommen auch Drei, Zwei" in client.get(f"{LIST}{first.id}").text


def test_a_website_that_is_alone_says_so(client: PageClient, operator: Account) -> None:
    website = create_client()

    assert "keine anderen Websites" in client.get(f"{LIST}{website.id}").text
