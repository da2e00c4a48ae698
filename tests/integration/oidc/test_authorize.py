"""From the request of a website to the way back there."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account, AccountKind, AssuranceLevel, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import keys
from servicekonto.oidc.models import Interaction
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.factors import code_of, create_totp
from tests.builders.oidc import (
    ISSUER,
    REDIRECT_URI,
    VALUES,
    VERIFIER,
    Website,
    agree,
    came_back,
    challenge_of,
    claims_in,
    code_for,
    create_website,
    follow_here,
    userinfo,
)
from tests.support.client import PageClient


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


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


def test_turning_back_is_told_the_website(client: PageClient, website: Website, erika: Account) -> None:
    page = website.send(client)
    form = client.checked(page, 200).form(page.request.path)

    back = came_back(form.submit(client, button="Abbrechen"))

    assert (back["error"], back["state"], back["iss"]) == ("access_denied", "as it came ~", ISSUER)


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


def test_the_pages_on_the_way_may_lead_to_this_website_and_no_other(
    client: PageClient, website: Website, erika: Account
) -> None:
    policy = website.send(client).headers["Content-Security-Policy"]

    assert "form-action 'self' https://website.example;" in policy
    assert "frame-ancestors 'none'" in policy


def test_staff_sign_in_with_a_second_factor_and_are_low_until_known(
    client: PageClient, website: Website
) -> None:
    sign_in(client, create_account(kind=AccountKind.OPERATOR))

    token = website.exchange(client, code_for(client, website)).get_json()["id_token"]

    assert claims_in(token, keys.public_jwks())["acr"].endswith("/low")
    assert challenge_of(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
