"""What machines ask for: nothing meant for people is done for them, and constant answers are made once."""

import pytest

from servicekonto.oidc.views.metadata import METADATA
from servicekonto.web.application import OF_ONE_REQUEST
from servicekonto.web.security import NOTHING
from tests.support.client import PageClient

FORM_COOKIE = "servicekonto-form"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.mark.parametrize("path", ["/oidc/userinfo", "/oidc/jwks", *METADATA])
def test_a_machine_gets_no_cookie_and_a_policy_that_allows_nothing(client: PageClient, path: str) -> None:
    answer = client.client.get(path)

    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Security-Policy"] == NOTHING
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/oidc/userinfo", "/oidc/jwks"])
def test_a_cookie_that_comes_along_changes_nothing(client: PageClient, path: str) -> None:
    without = client.client.get(path)
    client.client.set_cookie(FORM_COOKIE, "not signed by us")
    client.client.set_cookie("servicekonto", "nobody's")

    answer = client.client.get(path)

    assert (answer.status_code, answer.data) == (without.status_code, without.data)
    assert "Set-Cookie" not in answer.headers


def test_a_page_that_tells_a_machine_of_an_error_is_protected_like_any_page(client: PageClient) -> None:
    answer = client.client.post(
        "/oidc/token", data={"text": "a" * 2_000_000}, headers={"Accept": "text/html"}
    )

    client.checked(answer, 413)
    assert "script-src 'nonce-" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", METADATA)
def test_a_constant_answer_is_the_same_the_second_time(client: PageClient, path: str) -> None:
    first = client.client.get(path)
    second = client.client.get(path)

    assert second.data == first.data
    assert [pair for pair in second.headers if pair[0] not in OF_ONE_REQUEST] == [
        pair for pair in first.headers if pair[0] not in OF_ONE_REQUEST
    ]
    assert second.headers["X-Request-ID"] != first.headers["X-Request-ID"]


def test_whoever_has_it_already_gets_no_body(client: PageClient) -> None:
    tag = client.client.get(METADATA[0]).headers["ETag"]
    client.client.get(METADATA[0])

    answer = client.client.get(METADATA[0], headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("OPTIONS", 204), ("POST", 405)])
def test_another_way_to_ask_is_not_answered_with_what_was_kept(
    client: PageClient, method: str, status: int
) -> None:
    client.client.get(METADATA[0])

    answer = client.client.open(METADATA[0], method=method)

    assert answer.status_code == status
    assert b"issuer" not in answer.data
