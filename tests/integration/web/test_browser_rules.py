"""What browsers are told, and what they may do with passwords."""

import dataclasses
from collections.abc import Iterator

import pytest

from servicekonto.core import settings
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account, sign_in
from tests.support.client import PageClient

PASSWORD_PAGES = {
    "/anmelden": ["current-password"],
    "/registrieren": ["new-password"],
    "/konto/passwort": ["current-password", "new-password"],
}


@pytest.fixture
def over_https(app: Servicekonto) -> Iterator[None]:
    config = settings.settings()
    settings.install(app, dataclasses.replace(config, base_url="https://localhost"))
    yield
    settings.install(app, config)


@pytest.mark.parametrize("path", ["/hilfe", "/gibt-es-nicht", "/livez", "/antraege/"])
def test_browsers_stay_with_https_for_a_year_and_below_our_name_too(
    client: PageClient, over_https: None, path: str
) -> None:
    answer = client.client.get(path)

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_scripts_of_other_websites_may_read_nothing(client: PageClient, method: str) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}

    answer = client.client.open("/konto/sitzung", method=method, headers=headers)

    assert not [name for name in answer.headers.keys() if name.startswith("Access-Control-")]  # noqa: SIM118


@pytest.mark.parametrize(
    ("path", "status"), [("/hilfe", 200), ("/antraege/", 303), ("/gibt-es-nicht", 404), ("/antraege", 308)]
)
def test_every_text_says_its_encoding(client: PageClient, path: str, status: int) -> None:
    answer = client.client.get(path)

    assert (answer.status_code, answer.content_type) == (status, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", PASSWORD_PAGES)
def test_passwords_are_masked_and_password_managers_are_welcome(client: PageClient, path: str) -> None:
    sign_in(client, create_account()) if path.startswith("/konto") else None

    fields = client.get(path).select("main input[type=password]")

    assert [field["autocomplete"] for field in fields] == PASSWORD_PAGES[path]
    assert not any(field.has_attr("maxlength") or field.has_attr("onpaste") for field in fields)


@pytest.mark.parametrize("path", ["/", "/konto", "/konto/daten", "/antraege/", "/postfach/", "/hilfe"])
def test_whoever_is_signed_in_finds_the_way_out_on_every_page(client: PageClient, path: str) -> None:
    sign_in(client, create_account())

    header = client.get(path).select("header form[action='/abmelden'] button")

    assert [button.get_text(strip=True) for button in header] == ["Abmelden"]
