"""Filters under a name: one's own, few, and never with a search in them."""

from urllib.parse import parse_qs, urlsplit

import pytest

from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.core.errors import InvalidInputError
from servicekonto.workbench import saved_views
from servicekonto.workbench.models import SavedView
from tests.builders.accounts import sign_in
from tests.builders.requests import Registry, create_registry
from tests.support.client import PageClient


@pytest.fixture
def registry(database: None) -> Registry:
    return create_registry()


def save(registry: Registry, name: str = "Neues", **arguments: str) -> SavedView:
    with unit_of_work():
        return saved_views.save(name, arguments or {"status": "received"}, by=registry.clerk, at=clock.now())


def test_what_is_chosen_is_saved_under_a_name_and_found_again(client: PageClient, registry: Registry) -> None:
    sign_in(client, registry.clerk.account)
    page = client.get("/behoerde/?status=received&wer=niemand")

    saved = page.form("/ansichten").submit(client, name="Neues ohne Kollegin")

    assert saved.status_code == 303
    assert parse_qs(urlsplit(saved.location).query) == {"status": ["received"], "wer": ["niemand"]}
    assert client.get(saved.location).select(".sk-tabs [aria-current=page]")[0].get_text().startswith("Neues")


def test_without_a_filter_there_is_nothing_to_save(client: PageClient, registry: Registry) -> None:
    sign_in(client, registry.clerk.account)

    assert "Ansicht speichern" not in client.get("/behoerde/").text
    searched = (
        client.get("/behoerde/").form("/suche").submit(client, suche="Groß", status="received").location
    )
    assert "Ansicht speichern" not in client.get(searched).text
    with pytest.raises(InvalidInputError):
        save(registry, suche="Groß")


def test_a_search_is_never_kept(registry: Registry) -> None:
    view = save(registry, status="received", suche="Müßig-Groß", nach="x")

    assert view.arguments == {"status": "received"}


def test_a_name_is_there_once_for_each_person(registry: Registry) -> None:
    save(registry)
    with pytest.raises(InvalidInputError, match="name"):
        save(registry)

    with unit_of_work():
        saved_views.save("Neues", {"wer": "ich"}, by=registry.approver, at=clock.now())


def test_there_are_not_endlessly_many(registry: Registry) -> None:
    for number in range(saved_views.MOST):
        save(registry, f"Ansicht {number}")

    with pytest.raises(InvalidInputError):
        save(registry, "eine zu viel")


def test_an_empty_name_is_said_at_the_field_and_the_filter_stays(
    client: PageClient, registry: Registry
) -> None:
    sign_in(client, registry.clerk.account)
    form = client.get("/behoerde/?status=received").form("/ansichten")

    page = client.checked(form.submit(client, name="  "), 422)

    assert "Bitte geben Sie der Ansicht einen kurzen Namen." in page.text
    assert page.select("#status option[selected]")[0]["value"] == "received"


def test_a_view_is_deleted_by_its_owner_only(client: PageClient, registry: Registry) -> None:
    view = save(registry)
    sign_in(client, registry.clerk.account)
    form = client.get("/behoerde/ansichten").form("/loeschen")
    sign_in(client, registry.approver.account)

    assert view.name not in client.get("/behoerde/ansichten").text
    client.checked(form.submit(client), 404)

    sign_in(client, registry.clerk.account)
    assert view.name not in client.follow(form.submit(client)).text
    client.checked(form.submit(client), 404)
