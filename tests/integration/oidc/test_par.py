"""Requests that a website leaves here before it sends the visitor (RFC 9126)."""

import base64
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from werkzeug.test import TestResponse

from servicekonto.accounts import throttle
from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients, keys, tasks
from servicekonto.oidc.client_models import AuthMethod, ClientKind
from servicekonto.oidc.models import Interaction
from tests.builders.oidc import Website, agree, came_back, claims_in, create_website, follow_here
from tests.support.client import PageClient

PREFIX = "urn:ietf:params:oauth:request_uri:"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def push(
    visitor: PageClient, website: Website, *, address: str = "127.0.0.1", **changes: Any
) -> TestResponse:
    """From the server of the website."""
    data = website.parameters(**{"client_secret": website.secret or None} | changes)
    return PageClient(visitor.app).client.post("/oidc/par", data=data, environ_base={"REMOTE_ADDR": address})


def pushed(visitor: PageClient, website: Website, **changes: Any) -> str:
    answer = push(visitor, website, **changes)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["request_uri"])


def come_with(visitor: PageClient, website: Website, request_uri: str, **further: Any) -> TestResponse:
    given = {"client_id": website.client.client_id, "request_uri": request_uri, **further}
    return follow_here(visitor, visitor.client.get("/oidc/authorize", query_string=given))


def test_a_visitor_comes_with_the_reference_alone(
    client: PageClient, website: Website, erika: Account
) -> None:
    answer = push(client, website, nonce="of the pushed one")
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["expires_in"] == 60
    request_uri = answer.get_json()["request_uri"]
    assert request_uri.startswith(PREFIX)

    back = came_back(agree(client, come_with(client, website, request_uri)))

    assert back["state"] == "as it came ~"
    token = website.exchange(client, back["code"]).get_json()["id_token"]
    assert claims_in(token, keys.public_jwks())["nonce"] == "of the pushed one"


def test_what_stands_beside_the_reference_does_not_count(
    client: PageClient, website: Website, erika: Account
) -> None:
    request_uri = pushed(client, website, prompt="none")

    back = came_back(
        come_with(
            client, website, request_uri, state="other", redirect_uri="https://evil.example/", prompt="login"
        )
    )

    assert (back["error"], back["state"]) == ("consent_required", "as it came ~")


def test_who_has_agreed_before_comes_back_at_once(
    client: PageClient, website: Website, erika: Account
) -> None:
    agree(client, website.send(client))

    assert "code" in came_back(come_with(client, website, pushed(client, website)))


@pytest.mark.parametrize("has_agreed", [False, True], ids=["with a page", "at once"])
def test_a_reference_leads_to_one_answer(
    client: PageClient, website: Website, erika: Account, has_agreed: bool
) -> None:
    if has_agreed:
        agree(client, website.send(client))
    request_uri = pushed(client, website)
    answer = come_with(client, website, request_uri)
    came_back(answer if has_agreed else agree(client, answer))

    assert come_with(client, website, request_uri).status_code == 400


def test_whoever_goes_back_and_comes_again_goes_on_where_they_were(
    client: PageClient, website: Website, erika: Account
) -> None:
    """FAPI 2.0 § 5.3.2.2, note 3."""
    request_uri = pushed(client, website)
    first = come_with(client, website, request_uri)

    second = come_with(client, website, request_uri)

    assert second.request.path == first.request.path
    assert "code" in came_back(agree(client, second))


def test_another_browser_does_not_get_what_one_has_begun(
    client: PageClient, website: Website, erika: Account
) -> None:
    request_uri = pushed(client, website)
    come_with(client, website, request_uri)

    assert come_with(PageClient(client.app), website, request_uri).status_code == 400


def test_what_one_has_begun_is_not_for_another_website(
    client: PageClient, website: Website, erika: Account
) -> None:
    request_uri = pushed(client, website)
    come_with(client, website, request_uri)

    assert come_with(client, create_website(), request_uri).status_code == 400


def test_a_reference_lasts_a_minute(client: PageClient, website: Website, erika: Account) -> None:
    request_uri = pushed(client, website)

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert come_with(client, website, request_uri).status_code == 400


def test_with_the_reference_the_person_has_an_hour(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = come_with(client, website, pushed(client, website))

    with time_machine.travel(clock.now() + timedelta(minutes=50)):
        assert "code" in came_back(agree(client, page))


def test_a_reference_belongs_to_one_website(client: PageClient, website: Website, erika: Account) -> None:
    request_uri = pushed(client, website)

    assert come_with(client, create_website(), request_uri).status_code == 400
    assert come_with(client, website, request_uri).status_code == 200


def test_the_website_cannot_play_the_browser_with_its_reference(
    client: PageClient, website: Website, erika: Account
) -> None:
    name, _dot, token = pushed(client, website).removeprefix(PREFIX).partition(".")

    client.client.set_cookie(f"servicekonto-vorgang-{name[-12:]}", token, domain="localhost")

    client.get(f"/oidc/vorgang/{name}", status=404)


@pytest.mark.parametrize(
    "reference",
    ["", "x", "x.y", f"{'0' * 32}.", f"{'0' * 32}.x", "\u00fc.\u00fc", "a" * 3000],
)
def test_an_invented_reference_leads_nowhere(client: PageClient, website: Website, reference: str) -> None:
    answer = come_with(client, website, PREFIX + reference)

    assert client.checked(answer, 400).h1 == "Diese Anmeldung ist nicht möglich"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"redirect_uri": "https://evil.example/"}, 400, "invalid_request"),
        ({"redirect_uri": None}, 400, "invalid_request"),
        ({"code_challenge_method": "plain"}, 400, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, 400, "invalid_request"),
        ({"scope": "profile"}, 400, "invalid_scope"),
        ({"prompt": "none login"}, 400, "invalid_request"),
        ({"nonce": ["a", "b"]}, 400, "invalid_request"),
        ({"request_uri": PREFIX + "x"}, 400, "invalid_request"),
        ({"request_uri": "https://website.example/r"}, 400, "invalid_request"),
        ({"request": "e30.e30."}, 400, "invalid_request_object"),
        ({"client_secret": "falsch"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
    ],
)
def test_a_wrong_request_is_refused_at_once(
    client: PageClient, website: Website, changes: dict[str, Any], status: int, error: str
) -> None:
    answer = push(client, website, **changes)

    assert (answer.status_code, answer.get_json()["error"]) == (status, error)
    assert answer.get_json().get("error_description", "").isascii()
    assert answer.headers["Cache-Control"] == "no-store"
    assert db.session.scalars(sa.select(Interaction)).all() == []


def test_in_the_name_of_another_website_nothing_is_kept(client: PageClient, erika: Account) -> None:
    website = create_website(token_endpoint_auth_method=AuthMethod.BASIC)
    encoded = base64.b64encode(f"{website.client.client_id}:{website.secret}".encode()).decode()
    headers = {"Authorization": f"Basic {encoded}"}
    other = create_website()

    wrong = client.client.post("/oidc/par", data=other.parameters(), headers=headers)
    right = client.client.post("/oidc/par", data=website.parameters(client_id=None), headers=headers)

    assert (wrong.status_code, wrong.get_json()["error"]) == (400, "invalid_request")
    assert right.status_code == 201


def test_secrets_and_names_of_people_are_not_kept_with_it(client: PageClient, website: Website) -> None:
    pushed(client, website, login_hint="erika@example.org", extra="foobar")

    kept = db.session.scalars(sa.select(Interaction)).one()

    assert not {"client_secret", "login_hint", "extra"} & kept.parameters.keys()
    assert "erika" not in str(kept.parameters) and b"erika" not in (kept.login_hint_sealed or b"")
    assert kept.login_hint == "erika@example.org"


def test_an_app_without_a_secret_may_push_too(client: PageClient, erika: Account) -> None:
    app = create_website(kind=ClientKind.PUBLIC)

    assert come_with(client, app, pushed(client, app)).status_code == 200


def test_a_website_that_must_push_gets_in_by_no_other_way(client: PageClient, erika: Account) -> None:
    website = create_website(require_pushed_authorization_requests=True)

    back = came_back(website.send(client))

    assert (back["error"], back["state"]) == ("invalid_request", "as it came ~")
    assert come_with(client, website, pushed(client, website)).status_code == 200


def test_a_website_that_was_disabled_meanwhile_gets_nothing(
    client: PageClient, website: Website, erika: Account
) -> None:
    request_uri = pushed(client, website)
    with unit_of_work():
        clients.disable(website.client, by=None, at=clock.now())

    assert come_with(client, website, request_uri).status_code == 400
    assert push(client, website).status_code in {400, 401}


def test_get_is_not_for_pushing(client: PageClient, website: Website) -> None:
    assert client.client.get("/oidc/par", query_string=website.parameters()).status_code == 405


def test_old_references_are_cleared_away(client: PageClient, website: Website) -> None:
    pushed(client, website)

    with unit_of_work():
        tasks.purge_old_rows(at=clock.now() + timedelta(minutes=2))

    assert db.session.scalars(sa.select(Interaction)).all() == []


@pytest.fixture
def narrow_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for scope in (throttle.WEBSITE_REQUEST_CLIENT, throttle.WEBSITE_REQUEST_NETWORK):
        monkeypatch.setitem(throttle.RULES, scope, throttle.Rule(2, timedelta(minutes=5)))


@pytest.mark.usefixtures("narrow_limits")
def test_one_website_cannot_fill_the_table(client: PageClient, website: Website) -> None:
    for _time in range(2):
        pushed(client, website)

    answer = push(client, website)

    assert (answer.status_code, answer.get_json()["error"]) == (429, "temporarily_unavailable")
    pushed(client, create_website())  # another one is not held up


@pytest.mark.usefixtures("narrow_limits")
def test_whoever_speaks_for_an_app_uses_up_nobodys_requests_elsewhere(client: PageClient) -> None:
    app = create_website(kind=ClientKind.PUBLIC)
    for _time in range(2):
        pushed(client, app)
    assert push(client, app).status_code == 429
    assert push(client, app, address="198.51.100.9").status_code == 201


@pytest.mark.usefixtures("narrow_limits")
def test_one_network_cannot_fill_the_table(client: PageClient, website: Website) -> None:
    for _time in range(2):
        website.send(client)

    assert website.send(client).status_code == 429
    assert len(db.session.scalars(sa.select(Interaction)).all()) == 2


@pytest.mark.usefixtures("narrow_limits")
def test_whoever_finishes_is_not_counted(client: PageClient, website: Website, erika: Account) -> None:
    for _time in range(4):
        assert "code" in came_back(agree(client, website.send(client, prompt="consent")))
