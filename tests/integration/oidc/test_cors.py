"""Which scripts of other websites may read what we answer."""

import pytest

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import unit_of_work
from servicekonto.oidc import clients
from servicekonto.oidc.client_models import ClientKind
from tests.builders.oidc import Website, create_website, tokens_for
from tests.support.client import PageClient

ORIGIN = "https://website.example"
ENDPOINTS = {"/oidc/token": "POST", "/oidc/revoke": "POST", "/oidc/userinfo": "GET, POST"}
ELSEWHERE = (
    "https://evil.example",
    "https://website.example.evil.example",
    "https://website.example:8443",
    "http://website.example",
    "https://WEBSITE.example",
    "null",
    "",
    "ü",
)


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def app_in_browser() -> Website:
    return create_website(kind=ClientKind.PUBLIC)


@pytest.mark.parametrize(("path", "methods"), ENDPOINTS.items())
def test_an_app_may_ask_and_read(
    client: PageClient, app_in_browser: Website, path: str, methods: str
) -> None:
    asked = client.client.options(
        path,
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, dpop",
        },
    )
    answer = client.client.post(path, headers={"Origin": ORIGIN})

    assert (asked.status_code, asked.data) == (204, b"")
    assert asked.headers["Access-Control-Allow-Methods"] == methods
    assert asked.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, DPoP"
    assert answer.status_code in {400, 401}
    assert answer.headers["Access-Control-Expose-Headers"] == "WWW-Authenticate, DPoP-Nonce"
    for found in (asked, answer):
        assert found.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Access-Control-Allow-Credentials" not in found.headers
        assert "Origin" in found.headers["Vary"]


@pytest.mark.parametrize("origin", ELSEWHERE)
@pytest.mark.parametrize("path", ENDPOINTS)
def test_nobody_else_may(client: PageClient, app_in_browser: Website, path: str, origin: str) -> None:
    for answer in (
        client.client.options(path, headers={"Origin": origin}),
        client.client.post(path, headers={"Origin": origin}),
    ):
        assert not [name for name, _value in answer.headers if name.startswith("Access-Control")]
        assert "Origin" in answer.headers["Vary"]


def test_a_website_with_a_server_asks_from_there(client: PageClient, website: Website) -> None:
    answer = client.client.options("/oidc/token", headers={"Origin": ORIGIN})

    assert answer.status_code == 204
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_disabled_app_may_no_longer(client: PageClient, app_in_browser: Website) -> None:
    with unit_of_work():
        clients.disable(app_in_browser.client, by=None, at=clock.now())

    answer = client.client.options("/oidc/token", headers={"Origin": ORIGIN})

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_app_reads_userinfo(client: PageClient, app_in_browser: Website, erika: Account) -> None:
    token = tokens_for(client, app_in_browser)["access_token"]

    answer = client.client.get(
        "/oidc/userinfo", headers={"Origin": ORIGIN, "Authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("path", ["/oidc/authorize", "/oidc/introspect"])
def test_nothing_else_is_for_scripts_of_others(
    client: PageClient, app_in_browser: Website, path: str
) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        answer = client.client.open(path, method=method, headers={"Origin": ORIGIN})
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/oidc/token", "/oidc/revoke", "/oidc/introspect"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_tokens_are_asked_for_by_post_alone(client: PageClient, path: str, method: str) -> None:
    answer = client.client.open(path, method=method)

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"] and "GET" not in answer.headers["Allow"]
