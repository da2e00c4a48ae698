"""Signing in to another website, from its request to what it may know."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from servicekonto.accounts.models import Account, AccountKind, AssuranceLevel, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients, grants, keys
from servicekonto.oidc.client_models import ClientKind
from servicekonto.oidc.models import Grant, Interaction
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.factors import code_of, create_totp
from tests.builders.oidc import (
    REDIRECT_URI,
    VERIFIER,
    Website,
    agree,
    came_back,
    challenge_of,
    claims_in,
    create_website,
    follow_here,
)
from tests.support.client import PageClient

ISSUER = "http://localhost"
VALUES: dict[str, object] = {
    "given_names": "Jörg Ömer",
    "family_name": "Müßig-Groß",
    "birth_date": "1983-08-12",
    "address": {"street": "Weg", "house_number": "1", "postcode": "63450", "place": "Hanau", "country": "DE"},
}


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def website() -> Website:
    return create_website()


@pytest.fixture
def erika(client: PageClient) -> Account:
    account = create_account(email="erika@example.org", values=VALUES)
    sign_in(client, account)
    return account


def code_for(client: PageClient, website: Website, scope: str = "openid", **changes: Any) -> str:
    page = website.send(client, scope=scope, **changes)
    if page.status_code == 200:
        page = agree(client, page, *scope.split())
    return came_back(page)["code"]


def userinfo(client: PageClient, token: str) -> Any:
    return PageClient(client.app).client.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})


def test_a_visitor_signs_in_agrees_and_comes_back(client: PageClient, website: Website) -> None:
    create_account(email="erika@example.org", values=VALUES)
    page = website.send(client, scope="openid profile")
    form = client.checked(page, 200).form("/anmelden")
    page = follow_here(client, form.submit(client, email="erika@example.org", password=PASSWORD))
    shown = client.checked(page, 200)
    assert "Standesamtsportal Musterstadt" in shown.h1
    assert "Jörg Ömer Müßig-Groß" in shown.text and "12.08.1983" in shown.text

    back = came_back(agree(client, page, "profile"))

    assert back["state"] == "as it came ~" and back["iss"] == ISSUER
    answer = website.exchange(client, back["code"])
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    tokens = answer.get_json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 300, "openid profile")
    claims = claims_in(tokens["id_token"], keys.public_jwks())
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (
        ISSUER,
        website.client.client_id,
        "n-0S6_WzA2Mj",
    )
    assert claims["exp"] - claims["iat"] == 120
    assert claims["acr"] == "http://eidas.europa.eu/LoA/low"
    assert "name" not in claims
    known = userinfo(client, tokens["access_token"]).get_json()
    assert known == {
        "sub": claims["sub"],
        "name": "Jörg Ömer Müßig-Groß",
        "given_name": "Jörg Ömer",
        "family_name": "Müßig-Groß",
        "birthdate": "1983-08-12",
    }


def test_who_has_agreed_before_is_not_asked_again(
    client: PageClient, website: Website, erika: Account
) -> None:
    code_for(client, website, "openid email")

    assert "code" in came_back(website.send(client, scope="openid email"))
    assert "code" in came_back(website.send(client, scope="openid"))
    assert website.send(client, scope="openid email profile").status_code == 200


def test_what_was_left_out_stays_out_and_is_not_asked_again(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = website.send(client, scope="openid email profile")
    agree(client, page, "email")

    back = came_back(website.send(client, scope="openid email profile"))

    token = website.exchange(client, back["code"]).get_json()["access_token"]
    known = userinfo(client, token).get_json()
    assert known["email"] == "erika@example.org" and "name" not in known


def test_turning_back_is_told_the_website(client: PageClient, website: Website, erika: Account) -> None:
    page = website.send(client)
    form = client.checked(page, 200).form(page.request.path)

    back = came_back(form.submit(client, button="Abbrechen"))

    assert (back["error"], back["state"], back["iss"]) == ("access_denied", "as it came ~", ISSUER)


def test_two_websites_cannot_tell_that_they_know_the_same_person(
    client: PageClient, website: Website, erika: Account
) -> None:
    other = create_website(redirect_uris=["https://other.example/callback"])
    first = website.exchange(client, code_for(client, website)).get_json()["id_token"]
    page = other.send(client, redirect_uri="https://other.example/callback")
    location = agree(client, page).location
    code = location.partition("code=")[2].partition("&")[0]
    second = other.exchange(client, code, redirect_uri="https://other.example/callback").get_json()[
        "id_token"
    ]

    subs = {claims_in(token, keys.public_jwks())["sub"] for token in (first, second)}

    assert len(subs) == 2 and str(erika.id) not in subs


@pytest.mark.parametrize("algorithm", ["ES256", "PS256", "RS256"])
def test_each_website_gets_the_signature_it_is_registered_with(
    client: PageClient, erika: Account, algorithm: str
) -> None:
    website = create_website(id_token_alg=algorithm)

    token = website.exchange(client, code_for(client, website)).get_json()["id_token"]

    assert claims_in(token, keys.public_jwks(), algorithm)["aud"] == website.client.client_id


def test_a_code_is_exchanged_once_and_its_replay_ends_everything(
    client: PageClient, website: Website, erika: Account
) -> None:
    code = code_for(client, website)
    token = website.exchange(client, code).get_json()["access_token"]
    assert userinfo(client, token).status_code == 200

    again = website.exchange(client, code)

    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
    assert userinfo(client, token).status_code == 401


def test_a_code_lasts_a_minute(client: PageClient, website: Website, erika: Account) -> None:
    code = code_for(client, website)

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert website.exchange(client, code).get_json()["error"] == "invalid_grant"


def test_an_access_token_lasts_five_minutes(client: PageClient, website: Website, erika: Account) -> None:
    token = website.exchange(client, code_for(client, website)).get_json()["access_token"]

    with time_machine.travel(clock.now() + timedelta(seconds=301)):
        answer = userinfo(client, token)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"code_verifier": "x" * 43}, 400, "invalid_grant"),
        ({"code_verifier": None}, 400, "invalid_grant"),
        ({"code_verifier": "kurz"}, 400, "invalid_grant"),
        ({"redirect_uri": "https://website.example/other"}, 400, "invalid_grant"),
        ({"redirect_uri": None}, 400, "invalid_grant"),
        ({"code": "x" * 43}, 400, "invalid_grant"),
        ({"code": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "unsupported_grant_type"),
        ({"client_secret": "falsch"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "unbekannt"}, 400, "invalid_client"),
        ({"client_id": "cödé"}, 400, "invalid_client"),
    ],
)
def test_a_wrong_exchange_gives_nothing(
    client: PageClient, website: Website, erika: Account, changes: dict[str, Any], status: int, error: str
) -> None:
    answer = website.exchange(client, **{"code": code_for(client, website)} | changes)

    assert (answer.status_code, answer.get_json()["error"]) == (status, error)
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_code_of_one_website_is_worth_nothing_to_another(
    client: PageClient, website: Website, erika: Account
) -> None:
    thief = create_website()

    assert thief.exchange(client, code_for(client, website)).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "header",
    ["Basic !!!", "Basic /////w==", "Basic YQ==", "Basic dW5iZWthbm50OmZhbHNjaA==", "Bearer x", "Basic "],
)
def test_any_bytes_as_basic_authentication_are_refused_and_no_error_of_ours(
    client: PageClient, website: Website, header: str
) -> None:
    answer = client.client.post(
        "/oidc/token",
        data={"grant_type": "authorization_code", "code": "x"},
        headers={"Authorization": header},
    )

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_parameters_in_the_address_of_the_token_endpoint_do_not_count(
    client: PageClient, website: Website, erika: Account
) -> None:
    code = code_for(client, website)
    given = {"grant_type": "authorization_code", "code": code, "client_secret": website.secret}

    answer = client.client.post("/oidc/token", query_string=given)

    assert answer.status_code == 400
    assert website.exchange(client, code).status_code == 200


BACK = [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": None}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"scope": "profile"}, "invalid_scope"),
    ({"scope": None}, "invalid_scope"),
    ({"prompt": "foo"}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "bald"}, "invalid_request"),
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge": "kurz"}, "invalid_request"),
    ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ({"request_uri": "https://website.example/r"}, "request_uri_not_supported"),
    ({"nonce": ["a", "b"]}, "invalid_request"),
    ({"state": "x" * 3000}, "invalid_request"),
]


@pytest.mark.parametrize(("changes", "error"), BACK)
def test_a_wrong_request_leads_back_with_an_error(
    client: PageClient, website: Website, changes: dict[str, Any], error: str
) -> None:
    back = came_back(website.send(client, **changes))

    assert back["error"] == error and back["iss"] == ISSUER
    assert back["error_description"].isascii()
    assert "code" not in back


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "unbekannt"},
        {"client_id": ["a", "b"]},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": REDIRECT_URI + "/"},
        {"redirect_uri": REDIRECT_URI + "?x=1"},
        {"redirect_uri": REDIRECT_URI.upper()},
        {"redirect_uri": "https://website.example/callback/../callback"},
        {"redirect_uri": [REDIRECT_URI, "https://evil.example/"]},
        {"redirect_uri": 'http://evil/ü"'},
    ],
)
def test_nothing_leads_to_an_address_that_is_not_registered(
    client: PageClient, website: Website, changes: dict[str, Any]
) -> None:
    page = website.send(client, **changes)

    assert client.checked(page, 400).h1 == "Diese Anmeldung ist nicht möglich"
    assert "Location" not in page.headers


def test_a_disabled_website_gets_nothing_more(client: PageClient, website: Website, erika: Account) -> None:
    token = website.exchange(client, code_for(client, website)).get_json()["access_token"]
    with unit_of_work():
        clients.disable(website.client, by=None, at=clock.now())

    assert website.send(client).status_code == 400
    assert userinfo(client, token).status_code == 401


def test_an_account_that_was_locked_gives_nothing_more(
    client: PageClient, website: Website, erika: Account
) -> None:
    code = code_for(client, website)
    with unit_of_work():
        erika.locked_at = clock.now()

    assert website.exchange(client, code).get_json()["error"] == "invalid_grant"


def test_silently_means_never_a_page(client: PageClient, website: Website) -> None:
    assert came_back(website.send(client, prompt="none"))["error"] == "login_required"

    sign_in(client, create_account())
    assert came_back(website.send(client, prompt="none"))["error"] == "consent_required"

    code_for(client, website)
    assert "code" in came_back(website.send(client, prompt="none"))


def test_a_new_sign_in_is_one_that_happened_after_the_request(
    client: PageClient, website: Website, erika: Account
) -> None:
    code_for(client, website)
    page = website.send(client, prompt="login")
    assert client.checked(page, 200).h1 == "Bitte bestätigen Sie, dass Sie es sind"

    form = client.checked(page, 200).form("/anmelden/bestaetigen")
    answer = follow_here(client, form.submit(client, password=PASSWORD))

    assert "code" in came_back(answer)


def test_opening_the_address_again_without_a_proof_changes_nothing(
    client: PageClient, website: Website, erika: Account
) -> None:
    code_for(client, website)
    website.send(client, prompt="login")
    interaction = db.session.scalars(sa.select(Interaction).where(Interaction.done_at.is_(None))).one()

    for _time in range(2):
        answer = client.client.get(f"/oidc/vorgang/{interaction.id}")
        assert answer.location == "/anmelden/bestaetigen"


def test_a_request_that_comes_by_post_from_elsewhere_is_not_a_proof(
    client: PageClient, website: Website, erika: Account
) -> None:
    """It arrives without our cookies: the session that is there afterwards was there before."""
    code_for(client, website)
    session = client.client.get_cookie("servicekonto", domain="localhost")
    assert session is not None
    client.client.delete_cookie("servicekonto", domain="localhost")
    answer = client.client.post("/oidc/authorize", data=website.parameters(prompt="login"))
    client.client.set_cookie("servicekonto", session.value, domain="localhost")

    assert client.client.get(answer.location).location == "/anmelden/bestaetigen"


def test_max_age_asks_again_and_auth_time_is_the_real_one(
    client: PageClient, website: Website, erika: Account
) -> None:
    code_for(client, website)
    old = clock.now() - timedelta(minutes=5)
    with unit_of_work():
        db.session.execute(sa.update(LoginSession).values(authenticated_at=old))

    code = came_back(website.send(client, max_age="10000"))["code"]
    claims = claims_in(website.exchange(client, code).get_json()["id_token"], keys.public_jwks())
    assert claims["auth_time"] == int(old.timestamp())
    assert client.checked(website.send(client, max_age="60"), 200).h1.startswith("Bitte bestätigen")


def test_another_browser_cannot_go_on_with_a_request(
    client: PageClient, website: Website, erika: Account
) -> None:
    website.send(client)
    interaction = db.session.scalars(sa.select(Interaction)).one()

    stranger = PageClient(client.app)
    sign_in(stranger, create_account())

    stranger.get(f"/oidc/vorgang/{interaction.id}", status=404)


def test_a_request_that_is_over_is_over(client: PageClient, website: Website, erika: Account) -> None:
    code_for(client, website)
    interaction = db.session.scalars(sa.select(Interaction)).one()

    client.get(f"/oidc/vorgang/{interaction.id}", status=404)


def test_many_tabs_are_on_their_way_at_once(client: PageClient, website: Website, erika: Account) -> None:
    pages = [website.send(client, state=f"tab {number}") for number in range(3)]

    for number in (2, 0, 1):
        assert came_back(agree(client, pages[number]))["state"] == f"tab {number}"


def test_a_level_that_can_be_reached_is_asked_for(client: PageClient, website: Website) -> None:
    account = create_account(email="erika@example.org", values=VALUES)
    credential = create_totp(account)
    with unit_of_work():
        for attribute in account.attributes:
            attribute.level = AssuranceLevel.SUBSTANTIAL
    sign_in(client, account, level=AssuranceLevel.LOW)
    substantial = "http://eidas.europa.eu/LoA/substantial"

    page = client.checked(website.send(client, acr_values=substantial), 200)
    answer = page.form("/anmelden/bestaetigen").submit(client, password=PASSWORD, code=code_of(credential))
    code = came_back(agree(client, follow_here(client, answer)))["code"]

    claims = claims_in(website.exchange(client, code).get_json()["id_token"], keys.public_jwks())
    assert claims["acr"] == substantial


def test_a_website_that_must_know_surely_lets_nobody_in_who_is_not_known(client: PageClient) -> None:
    website = create_website(min_level=AssuranceLevel.SUBSTANTIAL)
    sign_in(client, create_account(), level=AssuranceLevel.SUBSTANTIAL)
    page = client.checked(website.send(client), 200)
    assert page.h1 == "Diese Website braucht eine geprüfte Identität"

    back = came_back(page.form(page.path).submit(client))

    assert back["error"] == "access_denied"


def test_a_public_client_needs_no_secret_and_the_verifier_always(client: PageClient, erika: Account) -> None:
    app = create_website(kind=ClientKind.PUBLIC)
    code = code_for(client, app)

    assert app.exchange(client, code, code_verifier=None).get_json()["error"] == "invalid_grant"
    assert app.exchange(client, code_for(client, app)).status_code == 200


def test_without_a_challenge_a_verifier_is_a_downgrade(client: PageClient, erika: Account) -> None:
    website = create_website(require_pkce=False)
    code = code_for(client, website, code_challenge=None, code_challenge_method=None)

    assert website.exchange(client, code).get_json()["error"] == "invalid_grant"


def test_the_pages_on_the_way_may_lead_to_this_website_and_no_other(
    client: PageClient, website: Website, erika: Account
) -> None:
    policy = website.send(client).headers["Content-Security-Policy"]

    assert "form-action 'self' https://website.example;" in policy
    assert "frame-ancestors 'none'" in policy


def test_the_owner_sees_the_website_and_parts_with_it(
    client: PageClient, website: Website, erika: Account
) -> None:
    token = website.exchange(client, code_for(client, website, "openid email")).get_json()["access_token"]
    page = client.get("/konto/websites")
    assert "Standesamtsportal Musterstadt" in page.text and "E-Mail-Adresse" in page.text

    client.follow(page.form("/trennen").submit(client))

    assert userinfo(client, token).status_code == 401
    assert "Noch keine Website" in client.get("/konto/websites").text
    assert website.send(client).status_code == 200  # asks again


def test_who_signed_in_where_is_gone_after_seven_days(
    client: PageClient, website: Website, erika: Account
) -> None:
    code_for(client, website)
    with unit_of_work():
        grants.purge(at=clock.now() + timedelta(days=8))

    assert db.session.scalars(sa.select(Grant)).all() == []
    assert "vor mehr als sieben Tagen" in client.get("/konto/websites").text


def test_userinfo_takes_the_token_in_the_body_too_and_nothing_without(
    client: PageClient, website: Website, erika: Account
) -> None:
    token = website.exchange(client, code_for(client, website)).get_json()["access_token"]

    assert client.client.post("/oidc/userinfo", data={"access_token": token}).status_code == 200
    nothing = client.client.get("/oidc/userinfo")
    assert nothing.status_code == 401 and "error" not in nothing.headers["WWW-Authenticate"]


def test_staff_sign_in_with_a_second_factor_and_are_low_until_known(
    client: PageClient, website: Website
) -> None:
    sign_in(client, create_account(kind=AccountKind.OPERATOR))

    token = website.exchange(client, code_for(client, website)).get_json()["id_token"]

    assert claims_in(token, keys.public_jwks())["acr"].endswith("/low")
    assert challenge_of(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
