"""What a browser does that was sent to sign out, and where it may end up."""

from urllib.parse import parse_qs

from werkzeug.test import TestResponse

from tests.builders.logout import AFTERWARDS
from tests.support.client import PageClient
from tests.support.page import Page


def assert_went_back(answer: TestResponse, state: str | None = None) -> None:
    assert answer.status_code == 303
    address, _, query = answer.location.partition("?")
    assert address == AFTERWARDS
    assert parse_qs(query, strict_parsing=bool(query)) == ({"state": [state]} if state else {})


def assert_page(client: PageClient, answer: TestResponse, status: int = 200) -> Page:
    """Never on to another website."""
    page = client.checked(answer, status)
    assert AFTERWARDS not in str(answer.headers)
    return page


def confirm(client: PageClient, page: Page) -> TestResponse:
    return page.form("/oidc/abmelden").submit(client)
