"""Header, footer, information pages and error pages."""

import pytest
from flask import render_template
from werkzeug.exceptions import HTTPException, default_exceptions

from servicekonto.web import errors, navigation
from servicekonto.web.application import Servicekonto
from tests.support.client import PageClient

INFORMATION = {
    "/hilfe": "Hilfe",
    "/barrierefreiheit": "Erklärung zur Barrierefreiheit",
    "/datenschutz": "Datenschutz",
    "/impressum": "Impressum",
    "/lizenzen": "Lizenzen und Quellen",
}
ENTRIES = {
    entry.endpoint
    for entries in (*navigation.ENTRIES.values(), navigation.FOOTER)
    for entry in (*entries, navigation.SIGN_IN, navigation.REGISTER, navigation.SIGN_OUT)
}


def test_every_entry_of_the_navigation_leads_to_a_page(app: Servicekonto) -> None:
    assert ENTRIES - set(app.view_functions) == set()


@pytest.mark.parametrize("path", INFORMATION)
def test_an_information_page_is_found_from_every_page(client: PageClient, path: str) -> None:
    page = client.get(path)

    assert page.h1 == INFORMATION[path]
    assert set(INFORMATION) <= {str(link["href"]) for link in page.select("footer a")}


def test_the_current_page_is_marked_in_the_navigation(client: PageClient) -> None:
    assert client.get("/hilfe").texts("header nav [aria-current]") == ["Hilfe"]


def test_the_demonstration_says_so_on_every_page(client: PageClient) -> None:
    assert "Demonstration – kein amtlicher Dienst" in client.get("/hilfe").texts("header .sk-ribbon")


def test_an_unknown_address_says_what_to_do_and_names_a_number_for_questions(client: PageClient) -> None:
    page = client.get("/gibt-es-nicht", status=404)

    assert page.h1 == "Diese Seite gibt es nicht"
    assert "Kennung für Rückfragen" in page.text


@pytest.mark.parametrize("status", sorted(errors.PAGES))
def test_every_error_has_a_page_that_can_be_read(app: Servicekonto, status: int) -> None:
    with app.test_request_context():
        page = render_template(f"errors/{status}.html", correlation_id="kennung-4711", csrf_failed=False)

    assert page.count("<h1") == 1
    assert "kennung-4711" in page


def test_every_page_of_an_error_is_for_a_status_that_exists() -> None:
    known: dict[int, type[HTTPException]] = default_exceptions

    assert set(known) >= errors.PAGES
