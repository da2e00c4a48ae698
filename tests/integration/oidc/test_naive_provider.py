"""What providers get wrong that are written as the documentation of their library shows
(``docs/security/oidc-defects.md``): each of these fails there.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.oidc.client_models import ClientKind
from tests.builders.accounts import create_account, sign_in
from tests.builders.oidc import REDIRECT_URI, Website, came_back, create_website
from tests.support.client import PageClient

ISSUER = "http://localhost"
EVIL = "https://evil.example/callback"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "none"}, {"prompt": "none", "scope": "openid email"}, {"scope": "email"},
        {"response_type": "token"}, {"prompt": "foo"}, {"request": "x"}, {"max_age": "x"}, {},
    ],
)  # fmt: skip
def test_each_way_back_names_the_issuer(
    client: PageClient, website: Website, erika_who_agreed: Account, changes: dict[str, str]
) -> None:
    """So that a website that knows several providers cannot mix them up (RFC 9207)."""
    assert came_back(website.send(client, **changes))["iss"] == ISSUER
    visitor = PageClient(client.app)
    if changes:
        answer = visitor.client.get("/oidc/authorize", query_string=website.parameters(**changes))
        assert came_back(answer)["iss"] == ISSUER


def test_whoever_turns_back_is_led_back_with_the_issuer(client: PageClient, website: Website) -> None:
    sign_in(client, create_account())
    page = client.checked(website.send(client), 200)

    assert came_back(page.form(page.path).submit(client, button="Abbrechen"))["iss"] == ISSUER


def test_a_sign_in_that_is_too_old_gives_no_code(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    with time_machine.travel(clock.now() + timedelta(seconds=2)):
        assert came_back(website.send(client, max_age="1", prompt="none"))["error"] == "login_required"
        assert website.send(client, max_age="1").request.path == "/anmelden/bestaetigen"


@pytest.mark.parametrize("kind", list(ClientKind))
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge_method": "s256"},
        {"code_challenge_method": ""},
        {"code_challenge": ""},
        {"code_challenge": None},
    ],
)
def test_without_a_sound_challenge_there_is_no_code(
    client: PageClient, erika_who_agreed: Account, kind: ClientKind, changes: dict[str, Any]
) -> None:
    """Judged where the request comes in, of servers with a secret too."""
    website = create_website(kind=kind)

    assert came_back(website.send(client, **changes))["error"] == "invalid_request"


@pytest.mark.parametrize("redirect_uris", [[REDIRECT_URI], [REDIRECT_URI, "https://website.example/second"]])
def test_there_is_no_address_to_lead_to_by_default(
    client: PageClient, erika_who_agreed: Account, redirect_uris: list[str]
) -> None:
    website = create_website(redirect_uris=redirect_uris)

    answer = website.send(client, redirect_uri=None)

    assert answer.status_code == 400 and "Location" not in answer.headers


def test_at_the_exchange_the_address_is_the_one_of_the_request(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    for wrong in (None, EVIL, REDIRECT_URI + "/", REDIRECT_URI + "?"):
        code = came_back(website.send(client))["code"]
        assert website.exchange(client, code, redirect_uri=wrong).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://website.example/request.jwt"}, "request_uri_not_supported"),
        ({"response_mode": "nonsense"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"prompt": "foo"}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
    ],
)
def test_what_is_not_understood_is_not_passed_over(
    client: PageClient, website: Website, erika_who_agreed: Account, changes: dict[str, str], error: str
) -> None:
    back = came_back(website.send(client, **changes))

    assert back["error"] == error and "code" not in back


@pytest.mark.parametrize(
    "name",
    [
        *("response_type", "scope", "state", "nonce", "prompt", "max_age", "acr_values", "response_mode"),
        *("code_challenge", "code_challenge_method", "claims", "login_hint", "id_token_hint", "extra"),
    ],
)
def test_nothing_counts_twice(
    client: PageClient, website: Website, erika_who_agreed: Account, name: str
) -> None:
    given = website.parameters().get(name, "x")

    answer = website.send(client, **{name: [given, given]})

    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.location).query)["error"] == ["invalid_request"]


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_where_it_would_lead_is_said_once(
    client: PageClient, website: Website, erika_who_agreed: Account, name: str
) -> None:
    given = website.parameters()[name]

    for values in ([given, given], [given, EVIL], [EVIL, given]):
        assert website.send(client, **{name: values}).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://evil/ü"}, {"redirect_uri": 'http://evil/"'}, {"response_type": "cödé"},
        {"response_type": '"'}, {"scope": "öpenid"}, {"prompt": "ü\\"}, {"state": "ü\\\"\r\nX: y"},
        {"client_id": "ü"}, {"client_id": '"\\'}, {"nonce": "😀"}, {"claims": "ü"}, {"request": "ü"},
        {"code_challenge": "ü" * 43}, {"max_age": "²"}, {"max_age": "٣"}, {"acr_values": "ü"},
    ],
)  # fmt: skip
def test_no_sign_is_too_strange(
    client: PageClient, website: Website, erika_who_agreed: Account, changes: dict[str, str]
) -> None:
    answer = website.send(client, **changes)

    assert answer.status_code in {303, 400}
    if answer.status_code == 303:
        back = came_back(answer)
        assert back.get("error_description", "").isascii() and '"' not in back.get("error_description", "")


@pytest.mark.parametrize(
    "redirect_uri",
    [
        EVIL, REDIRECT_URI + "/", REDIRECT_URI + "x", REDIRECT_URI + "?a=b", REDIRECT_URI + "#x",
        REDIRECT_URI + "/..;/evil", REDIRECT_URI + "/../callback", "https://website.example/%63allback",
        "https://website.example/callback%2f..", "https://website.example:443/callback",
        "HTTPS://website.example/callback", "https://WEBSITE.example/callback", "https://website.example",
        "https://website.example.evil.example/callback", "https://website.example@evil.example/callback",
        "https://evil.example\\@website.example/callback", "http://website.example/callback",
        "//website.example/callback", "/callback", "javascript:alert(1)", "data:text/html,x", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize("wrong_too", [{}, {"response_type": "token"}, {"prompt": "none"}, {"scope": ""}])
def test_nobody_is_led_to_an_address_that_only_looks_right(
    client: PageClient,
    website: Website,
    erika_who_agreed: Account,
    redirect_uri: str,
    wrong_too: dict[str, str],
) -> None:
    """Whatever else is wrong: first the address is known, then anything leads there."""
    answer = website.send(client, redirect_uri=redirect_uri, **wrong_too)

    assert answer.status_code == 400 and "Location" not in answer.headers
    assert EVIL not in answer.text


def test_of_an_address_that_is_registered_to_another_website_nothing_is_known(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    create_website(redirect_uris=[EVIL])

    assert website.send(client, redirect_uri=EVIL).status_code == 400


def test_a_request_belongs_to_the_browser_that_began_it(client: PageClient, website: Website) -> None:
    """Otherwise an attacker begins it, signs in, and the victim ends up in the account of the attacker."""
    begun = client.client.get("/oidc/authorize", query_string=website.parameters()).location
    victim = PageClient(client.app)
    sign_in(victim, create_account())

    victim.get(begun, status=404)

    assert victim.client.post(begun, data={"action": "all"}).status_code in {403, 404}


def test_a_step_up_gives_the_session_another_token(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    before = client.client.get_cookie("servicekonto", domain="localhost")
    page = client.checked(website.send(client, prompt="login"), 200)

    page.form("/anmelden/bestaetigen").submit(client, password="korrekt pferd batterie klammer")

    after = client.client.get_cookie("servicekonto", domain="localhost")
    assert before is not None and after is not None and before.value != after.value


def test_a_form_of_the_website_is_kept_and_led_on_without_cookies(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    """It comes without those of SameSite=Lax. The next request of the browser has them."""
    elsewhere = PageClient(client.app)
    answer = elsewhere.client.post("/oidc/authorize", data=website.parameters(prompt="none"))
    assert answer.status_code == 303 and "login_required" not in answer.location
    (cookie,) = answer.headers.getlist("Set-Cookie")
    name, _, value = cookie.partition(";")[0].partition("=")

    client.client.set_cookie(name, value, domain="localhost")

    assert "code" in came_back(client.client.get(answer.location))
