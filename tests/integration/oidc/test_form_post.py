"""The answer in a form that the browser posts to the website (OAuth 2.0 Form Post Response Mode)."""

import re
from typing import Any

import pytest

from servicekonto.accounts.models import Account
from servicekonto.oidc.client_models import ClientKind
from tests.builders.oidc import REDIRECT_URI, Website, agree, came_back, create_website
from tests.support.client import PageClient
from tests.support.page import Page

HARD_STATE = "\"><script>alert(1)</script><input value='ü&amp;"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def fields(page: Page) -> dict[str, str]:
    form = page.form(0)
    assert (form.method, form.action) == ("POST", REDIRECT_URI)
    return {name: values[0] for name, values in form.values.items()}


def test_the_code_comes_in_a_form_with_everything_that_belongs_to_it(
    client: PageClient, website: Website, erika: Account
) -> None:
    answer = agree(client, website.send(client, response_mode="form_post"))

    given = fields(client.checked(answer, 200))

    assert given.keys() == {"code", "state", "iss"}
    assert (given["state"], given["iss"]) == ("as it came ~", "http://localhost")
    assert website.exchange(client, given["code"]).status_code == 200


def test_without_a_page_in_between_too(client: PageClient, website: Website, erika: Account) -> None:
    agree(client, website.send(client))

    assert "code" in fields(client.checked(website.send(client, response_mode="form_post"), 200))


def test_whatever_the_state_is_it_stays_text(client: PageClient, website: Website, erika: Account) -> None:
    answer = website.send(client, response_mode="form_post", prompt="none", state=HARD_STATE)
    page = client.checked(answer, 200)

    assert fields(page)["state"] == HARD_STATE
    assert len(page.select("script")) == 1 and "alert(1)</script>" not in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"prompt": "none"}, "login_required"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "foo"}, "invalid_request"),
        ({"request": "x"}, "invalid_request_object"),
        ({"request_uri": "https://website.example/r"}, "request_uri_not_supported"),
    ],
)
def test_errors_come_the_same_way(
    client: PageClient, website: Website, changes: dict[str, Any], error: str
) -> None:
    given = fields(client.checked(website.send(client, response_mode="form_post", **changes), 200))

    assert (given["error"], given["iss"], given["state"]) == (error, "http://localhost", "as it came ~")


def test_turning_back_comes_the_same_way(client: PageClient, website: Website, erika: Account) -> None:
    page = client.checked(website.send(client, response_mode="form_post"), 200)

    answer = page.form(page.path).submit(client, button="Abbrechen")

    assert fields(client.checked(answer, 200))["error"] == "access_denied"


def test_the_page_may_send_its_form_to_this_website_and_nowhere_else(
    client: PageClient, website: Website, erika: Account
) -> None:
    answer = website.send(client, response_mode="form_post", prompt="none")
    policy = answer.headers["Content-Security-Policy"]

    assert "form-action https://website.example;" in policy
    assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy
    assert re.search(r"script-src 'nonce-[\w-]+';", policy)
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_a_script_there_is_a_button(client: PageClient, website: Website, erika: Account) -> None:
    page = client.checked(website.send(client, response_mode="form_post", prompt="none"), 200)

    assert page.form(0).buttons == ["Weiter"]
    assert page.h1 == "Weiter zu Standesamtsportal Musterstadt"


def test_an_unknown_way_is_refused_by_the_usual_one(client: PageClient, website: Website) -> None:
    for mode in ("fragment", "form_post.jwt", "web_message", ""):
        assert came_back(website.send(client, response_mode=mode))["error"] == "invalid_request"


def test_an_app_on_the_own_device_is_a_target_like_any_other(client: PageClient, erika: Account) -> None:
    app = create_website(kind=ClientKind.PUBLIC, redirect_uris=["http://127.0.0.1/callback"])

    answer = app.send(
        client, response_mode="form_post", prompt="none", redirect_uri="http://127.0.0.1:49152/callback"
    )

    assert "form-action http://127.0.0.1:49152;" in answer.headers["Content-Security-Policy"]
