"""Single facts, asked for one by one (OpenID Connect Core § 5.5)."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import claims, keys
from servicekonto.oidc.models import Grant, WebsiteConsent
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.factors import code_of, create_totp
from tests.builders.oidc import Website, came_back, claims_in, create_website, follow_here
from tests.support.client import PageClient
from tests.support.page import Page

VALUES: dict[str, object] = {
    "given_names": "Jörg Ömer",
    "family_name": "Müßig-Groß",
    "birth_date": "1983-08-12",
    "address": {"street": "Weg", "house_number": "1", "postcode": "63450", "place": "Hanau", "country": "DE"},
}
LOA = "http://eidas.europa.eu/LoA/"
ESSENTIAL = {"essential": True}


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def asking(userinfo: dict[str, Any] | None = None, id_token: dict[str, Any] | None = None) -> str:
    return json.dumps({"userinfo": userinfo or {}, "id_token": id_token or {}})


def consent_page(client: PageClient, website: Website, **changes: Any) -> Page:
    return client.checked(website.send(client, **changes), 200)


def code_after(client: PageClient, page: Page, *, button: str = "Zustimmen", **chosen: Any) -> str:
    answer = page.form(page.path).submit(client, chosen, button=button)
    return came_back(follow_here(client, answer))["code"]


def delivered(client: PageClient, website: Website, code: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """In the ID token and at UserInfo."""
    tokens = website.exchange(client, code).get_json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    known = PageClient(client.app).client.get("/oidc/userinfo", headers=headers).get_json()
    return claims_in(tokens["id_token"], keys.public_jwks()), known


def test_what_is_asked_for_one_by_one_is_delivered_where_it_was_asked_for(
    client: PageClient, website: Website, erika: Account
) -> None:
    asked = asking({"birthdate": ESSENTIAL, "email": ESSENTIAL}, {"family_name": ESSENTIAL})
    page = consent_page(client, website, claims=asked)
    assert "12.08.1983" in page.text and "Müßig-Groß" in page.text and "erika@example.org" in page.text
    assert "Jörg" not in page.text and "Hanau" not in page.text

    token, known = delivered(client, website, code_after(client, page))

    assert known == {"sub": token["sub"], "birthdate": "1983-08-12", "email": "erika@example.org"}
    assert token["family_name"] == "Müßig-Groß"
    assert not {"birthdate", "email", "given_name", "name"} & token.keys()


def test_the_same_claim_may_be_asked_for_in_both_places(
    client: PageClient, website: Website, erika: Account
) -> None:
    asked = asking({"birthdate": ESSENTIAL}, {"birthdate": None})

    token, known = delivered(client, website, code_after(client, consent_page(client, website, claims=asked)))

    assert token["birthdate"] == known["birthdate"] == "1983-08-12"


def test_what_the_website_can_do_without_may_be_left_out(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = consent_page(
        client, website, claims=asking({"birthdate": ESSENTIAL, "family_name": None, "email": None})
    )
    form = page.form(page.path)
    assert form.values["claims"] == []  # nothing is ticked beforehand

    code = code_after(client, page, button="Nur Angekreuztem", claims=["family_name"])

    _token, known = delivered(client, website, code)
    assert known.keys() == {"sub", "birthdate", "family_name"}
    again = came_back(website.send(client, claims=asking({"birthdate": ESSENTIAL, "email": None})))
    _token, known = delivered(client, website, again["code"])
    assert known.keys() == {"sub", "birthdate"}


def test_what_cannot_be_done_without_is_asked_again_when_it_was_left_out(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = consent_page(client, website, claims=asking({"email": None}))
    code_after(client, page, button="Nur Angekreuztem")

    assert "erika@example.org" in consent_page(client, website, claims=asking({"email": ESSENTIAL})).text


def test_a_scope_that_was_allowed_allows_its_single_facts(
    client: PageClient, website: Website, erika: Account
) -> None:
    code_after(client, consent_page(client, website, scope="openid profile"), button="Allem")

    back = came_back(website.send(client, claims=asking(id_token={"given_name": ESSENTIAL})))

    token, known = delivered(client, website, back["code"])
    assert token["given_name"] == "Jörg Ömer" and known.keys() == {"sub"}


def test_a_fact_of_a_scope_asked_for_too_can_be_had_in_the_id_token(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = consent_page(client, website, scope="openid email", claims=asking(id_token={"email": None}))
    assert page.form(page.path).values.keys() & {"scopes", "claims"} == {"scopes"}

    token, known = delivered(client, website, code_after(client, page, button="Allem"))

    assert token["email"] == known["email"] == "erika@example.org"


def test_a_website_gets_no_fact_this_way_that_it_may_not_ask_for_as_a_scope(
    client: PageClient, erika: Account
) -> None:
    website = create_website(scopes=("openid", "email"))
    page = consent_page(
        client, website, claims=asking({"birthdate": ESSENTIAL, "email": ESSENTIAL, "sex": ESSENTIAL})
    )
    assert "12.08.1983" not in page.text

    _token, known = delivered(client, website, code_after(client, page))

    assert known.keys() == {"sub", "email"}


def test_the_grant_and_the_consent_remember_what_was_allowed(
    client: PageClient, website: Website, erika: Account
) -> None:
    code_after(
        client, consent_page(client, website, claims=asking({"birthdate": ESSENTIAL}, {"email": ESSENTIAL}))
    )

    assert db.session.scalars(sa.select(Grant)).one().claims == {
        "userinfo": ["birthdate"],
        "id_token": ["email"],
    }
    consent = db.session.scalars(sa.select(WebsiteConsent)).one()
    assert set(consent.claims) == set(consent.asked_claims) == {"birthdate", "email"}
    assert "Geburtsdatum" in client.get("/konto/websites").text


def test_nothing_is_invented_for_what_the_account_does_not_know(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = consent_page(client, website, claims=asking({"phone_number": ESSENTIAL}))
    assert "Telefon: in Ihrem Konto steht dazu nichts" in page.text

    _token, known = delivered(client, website, code_after(client, page))

    assert known.keys() == {"sub"}


def test_auth_time_may_be_essential_and_is_there_anyway(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = consent_page(client, website, claims=asking(id_token={"auth_time": ESSENTIAL, "acr": None}))

    token, _known = delivered(client, website, code_after(client, page))

    assert isinstance(token["auth_time"], int) and token["acr"] == LOA + "low"


def test_only_the_person_who_is_meant_will_do(client: PageClient, website: Website, erika: Account) -> None:
    token, _known = delivered(client, website, code_after(client, consent_page(client, website)))
    meant = {"sub": {"value": token["sub"]}}

    assert "code" in came_back(website.send(client, prompt="none", claims=asking(id_token=meant)))
    other = {"sub": {"value": "somebody else \ud800"}}
    back = came_back(website.send(client, prompt="none", claims=asking(userinfo=other)))
    assert back["error"] == "login_required"
    assert consent_page(client, website, claims=asking(id_token=other)).h1.endswith(
        "erwartet ein anderes Konto"
    )


@pytest.mark.parametrize("silently", [None, "none"])
def test_a_level_that_must_be_and_cannot_is_an_error(
    client: PageClient, website: Website, erika: Account, silently: str | None
) -> None:
    for wish in ({"essential": True, "value": LOA + "high"}, {"essential": True, "values": ["unbekannt"]}):
        back = came_back(website.send(client, prompt=silently, claims=asking(id_token={"acr": wish})))
        assert back["error"] == "unmet_authentication_requirements"


def test_a_level_that_must_be_and_can_is_asked_for_and_published(
    client: PageClient, website: Website
) -> None:
    account = create_account(email="erika@example.org", values=VALUES)
    credential = create_totp(account)
    with unit_of_work():
        for attribute in account.attributes:
            attribute.level = AssuranceLevel.SUBSTANTIAL
    sign_in(client, account, level=AssuranceLevel.LOW)
    wish = asking(id_token={"acr": {"essential": True, "values": [LOA + "high", LOA + "substantial"]}})
    assert came_back(website.send(client, prompt="none", claims=wish))["error"] == "interaction_required"

    page = client.checked(website.send(client, claims=wish), 200)
    answer = page.form("/anmelden/bestaetigen").submit(client, password=PASSWORD, code=code_of(credential))
    page = client.checked(follow_here(client, answer), 200)
    token, _known = delivered(client, website, code_after(client, page))

    assert token["acr"] == LOA + "substantial"


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "[]", "1", "null", '{"userinfo": []}', '{"id_token": "x"}', '{"id_token": {"acr": 1}}',
        '{"id_token": {"acr": {"essential": "true"}}}', '{"id_token": {"acr": {"values": []}}}',
        '{"id_token": {"acr": {"values": "x"}}}', '{"id_token": {"acr": {"value": "x", "values": ["x"]}}}',
        '{"userinfo": {"email": null, "email": {"essential": true}}}', '{"userinfo": {}, "userinfo": {}}',
        '{"userinfo": {"email": {"value": NaN}}}', '{"a": ' * 900 + "1" + "}" * 900,
        '{"userinfo": {"email": true}}',
        '{"id_token": {"sub": {"values": ["a", "b"]}}}', "{" + " " * 5000 + "}",
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_refused(
    client: PageClient, website: Website, erika: Account, text: str
) -> None:
    back = came_back(website.send(client, claims=text))

    assert back["error"] == "invalid_request" and back["error_description"].isascii()


def test_members_nobody_knows_are_ignored(client: PageClient, website: Website, erika: Account) -> None:
    text = json.dumps(
        {"verified": {}, "userinfo": {"name#de": None, "zodiac": {"essential": True, "more": 1}}}
    )

    assert website.send(client, claims=text).status_code == 200


def test_a_new_meaning_of_scopes_asks_everybody_again(
    client: PageClient, website: Website, erika: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    code_after(client, consent_page(client, website, scope="openid profile"), button="Allem")

    monkeypatch.setattr(claims, "VERSION", claims.VERSION + 1)

    assert website.send(client, scope="openid profile").status_code == 200


def test_what_was_allowed_one_by_one_lasts_as_long_as_the_refresh_token(
    client: PageClient, erika: Account
) -> None:
    website = create_website(offline_access=True)
    asked = asking({"birthdate": ESSENTIAL}, {"email": ESSENTIAL})
    page = consent_page(client, website, scope="openid offline_access", prompt="consent", claims=asked)
    code = code_after(client, page, button="Allem")
    tokens = website.exchange(client, code).get_json()

    refreshed = website.refresh(client, tokens["refresh_token"]).get_json()

    headers = {"Authorization": f"Bearer {refreshed['access_token']}"}
    known = client.client.get("/oidc/userinfo", headers=headers).get_json()
    assert known["birthdate"] == "1983-08-12" and "email" not in known
    assert claims_in(refreshed["id_token"], keys.public_jwks())["email"] == "erika@example.org"


def test_what_is_refused_later_ends_the_grant_that_can_be_refreshed(
    client: PageClient, erika: Account
) -> None:
    website = create_website(offline_access=True)
    asked = asking({"birthdate": None})
    page = consent_page(client, website, scope="openid offline_access", prompt="consent", claims=asked)
    tokens = website.exchange(client, code_after(client, page, button="Allem")).get_json()

    page = consent_page(client, website, prompt="consent", claims=asked)
    page.form(page.path).submit(client, {"claims": []}, button="Nur Angekreuztem")

    assert website.refresh(client, tokens["refresh_token"]).status_code == 400
