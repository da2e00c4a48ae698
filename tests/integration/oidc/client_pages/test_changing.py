"""Details of a website are changed, or it is disabled."""

import json

import sqlalchemy as sa

from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.audit import Action
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients
from servicekonto.oidc.client_models import AuthMethod, Client
from tests.builders.accounts import SOME_DAY
from tests.builders.clients import create_app_client, create_client, public_jwk
from tests.integration.oidc.client_pages.pages import page_of
from tests.support.audit_trail import Trail
from tests.support.client import PageClient


def test_public_keys_are_typed_in_shown_by_name_and_taken_away(
    client: PageClient, operator: Account, trail: Trail
) -> None:
    website = create_client()
    form = client.get(f"{page_of(website)}/aendern").form("/aendern")

    page = client.follow(form.submit(client, jwks=json.dumps({"keys": [public_jwk("2026-11")]})))

    assert "2026-11" in page.text
    assert trail.entries[-1].payload == {"fields": ["jwks"]}
    form = client.get(f"{page_of(website)}/aendern").form("/aendern")
    client.follow(form.submit(client, jwks=""))
    db.session.expire_all()
    assert website.jwks is None


def test_what_is_done_with_tokens_is_chosen_and_shown(
    client: PageClient, operator: Account, trail: Trail
) -> None:
    website = create_client()
    form = client.get(f"{page_of(website)}/aendern").form("/aendern")
    typed = {
        "jwks": json.dumps({"keys": [public_jwk("one")]}),
        "offline_access": True,
        "introspects_all": True,
        "userinfo_signed_response_alg": "ES256",
        "id_token_encrypted_response_alg": "ECDH-ES",
        "id_token_encrypted_response_enc": "A256GCM",
    }

    page = client.follow(form.submit(client, typed))

    assert "ECDH-ES, A256GCM" in page.text
    assert trail.entries[-1].payload == {"fields": sorted(typed)}
    again = client.get(f"{page_of(website)}/aendern").form("/aendern")
    client.follow(again.submit(client))
    assert trail.actions.count(Action.CLIENT_CHANGED) == 1  # nothing was changed the second time


def test_details_are_changed(client: PageClient, operator: Account, trail: Trail) -> None:
    website = create_client()
    form = client.get(client.get(page_of(website)).link("Angaben ändern")).form("/aendern")

    page = client.follow(form.submit(client, name="Neuer Name", require_pkce=False, min_level="substantial"))

    assert page.h1 == "Neuer Name"
    db.session.expire_all()
    assert not website.require_pkce and website.min_level == "substantial"
    assert trail.entries[-1].payload == {"fields": ["min_level", "name", "require_pkce"]}


def test_changing_details_of_an_app_keeps_it_an_app(client: PageClient, operator: Account) -> None:
    website = create_app_client()
    form = client.get(f"{page_of(website)}/aendern").form("/aendern")

    client.follow(form.submit(client, name="Neuer Name"))

    db.session.expire_all()
    assert website.token_endpoint_auth_method is AuthMethod.NONE


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(
    client: PageClient, operator: Account
) -> None:
    website = create_client()
    form = client.get(f"{page_of(website)}/aendern").form("/aendern")
    with unit_of_work():
        facts = clients.facts_of(website)
        clients.change(website, type(facts)(**vars(facts) | {"name": "Erste"}), by=None, at=SOME_DAY)

    page = client.checked(form.submit(client, name="Zweite"), 409)

    assert "Jemand hat die Angaben inzwischen geändert." in page.text
    assert page.form("/aendern").values["name"] == ["Zweite"]
    db.session.expire_all()
    assert website.name == "Erste"


def test_a_website_is_disabled_and_enabled_again(client: PageClient, operator: Account, trail: Trail) -> None:
    website = create_client()

    page = client.follow(client.get(page_of(website)).form("/sperren").submit(client))
    assert "Gesperrt seit" in page.text and clients.by_client_id(website.client_id) is None

    client.follow(page.form("/freigeben").submit(client))
    assert clients.by_client_id(website.client_id) is not None
    assert trail.actions[-2:] == [Action.CLIENT_DISABLED, Action.CLIENT_ENABLED]


def test_a_level_nobody_reaches_is_not_offered(client: PageClient, operator: Account) -> None:
    page = client.get(f"{page_of(create_client())}/aendern")

    assert "niedrig" in page.text and "substanziell" in page.text and "hoch" not in page.text


def test_one_from_before_stays_until_another_is_chosen(client: PageClient, operator: Account) -> None:
    website = create_client()
    with unit_of_work():
        db.session.execute(sa.update(Client).values(min_level=AssuranceLevel.HIGH))
    db.session.expire_all()
    form = client.get(f"{page_of(website)}/aendern").form("/aendern")
    assert form.values["min_level"] == ["high"]

    refused = client.checked(form.submit(client, name="Neuer Name"), 422)
    assert set(refused.errors) == {"min_level"}
    client.follow(refused.form("/aendern").submit(client, min_level="substantial"))

    db.session.expire_all()
    assert (website.name, website.min_level) == ("Neuer Name", AssuranceLevel.SUBSTANTIAL)


def test_the_text_in_place_of_a_logo_may_be_taken_away(client: PageClient, operator: Account) -> None:
    website = create_client(logo_text="Stadt Musterstadt")
    form = client.get(f"{page_of(website)}/aendern").form("/aendern")
    assert form.values["logo_text"] == ["Stadt Musterstadt"]

    client.follow(form.submit(client, logo_text=" "))

    db.session.expire_all()
    assert website.logo_text == ""
