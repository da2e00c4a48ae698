"""/betrieb/websites/neu: a website is registered."""

import json

from servicekonto.accounts.models import Account
from servicekonto.audit import Action
from servicekonto.oidc import clients
from servicekonto.oidc.client_models import AuthMethod, ClientKind
from tests.builders.clients import public_jwk
from tests.integration.oidc.client_pages.pages import NEW, TYPED, page_of
from tests.support.audit_trail import Trail
from tests.support.client import PageClient


def test_a_website_is_registered(client: PageClient, operator: Account, trail: Trail) -> None:
    page = client.follow(client.get(NEW).form("/neu").submit(client, TYPED))

    (made,) = clients.all_clients()
    assert page.h1 == "Urkundenportal"
    assert "Urkundenportal ist eingetragen." in page.messages
    assert made.logo_text == "Stadt Musterstadt" and made.logo_text in page.text
    assert made.client_id in page.text and "urkunden.example.org" in page.text
    assert made.kind is ClientKind.CONFIDENTIAL
    assert made.redirect_uris == ["https://urkunden.example.org/callback", "https://urkunden.example.org/b"]
    assert made.scopes == ["openid", "email"]
    assert trail.one(Action.CLIENT_REGISTERED).actor_id == operator.id


def test_an_app_is_registered_without_a_secret(client: PageClient, operator: Account) -> None:
    page = client.follow(client.get(NEW).form("/neu").submit(client, TYPED, kind="public"))

    (made,) = clients.all_clients()
    assert made.token_endpoint_auth_method is AuthMethod.NONE
    assert "client_secret)" not in page.text and "ohne Geheimnis (none)" in page.text


def test_the_same_form_sent_twice_registers_one(client: PageClient, operator: Account) -> None:
    form = client.get(NEW).form("/neu").fill(TYPED)

    assert form.submit(client).location == form.submit(client).location
    assert len(clients.all_clients()) == 1


def test_every_problem_stands_beside_its_field(client: PageClient, operator: Account) -> None:
    wrong = {
        "name": "",
        "purpose": "x" * 301,
        "contact_email": "standesamt",
        "home_page": "urkunden.example.org",
        "redirect_uris": "https://*.example.org/",
        "scopes": [],
    }
    page = client.checked(client.get(NEW).form("/neu").submit(client, TYPED | wrong), 422)

    assert set(page.errors) == set(wrong)
    assert page.form("/neu").values["redirect_uris"] == ["https://*.example.org/"]
    assert list(clients.all_clients()) == []


def test_encryption_without_a_key_stands_beside_its_field(client: PageClient, operator: Account) -> None:
    typed = TYPED | {"id_token_encrypted_response_alg": "RSA-OAEP-256"}

    page = client.checked(client.get(NEW).form("/neu").submit(client, typed), 422)

    assert set(page.errors) == {"id_token_encrypted_response_alg"}


def test_keys_that_are_none_stand_beside_their_field(client: PageClient, operator: Account) -> None:
    page = client.checked(client.get(NEW).form("/neu").submit(client, TYPED | {"jwks": "kein JSON"}), 422)

    assert set(page.errors) == {"jwks"}


def test_several_hosts_are_told_to_name_one(client: PageClient, operator: Account) -> None:
    typed = TYPED | {"redirect_uris": "https://a.example.org/\nhttps://b.example.org/"}
    page = client.checked(client.get(NEW).form("/neu").submit(client, typed), 422)
    assert set(page.errors) == {"sector_identifier"}

    client.follow(page.form("/neu").submit(client, sector_identifier="a.example.org"))

    assert clients.all_clients()[0].sector_identifier == "a.example.org"


def test_a_website_that_signs_is_registered_with_its_key_and_needs_no_secret(
    client: PageClient, operator: Account
) -> None:
    typed = TYPED | {
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": json.dumps({"keys": [public_jwk("first")]}),
        "dpop_bound_access_tokens": "y",
    }

    page = client.follow(client.get(NEW).form("/neu").submit(client, typed))

    (made,) = clients.all_clients()
    assert made.token_endpoint_auth_method is AuthMethod.PRIVATE_KEY and made.dpop_bound_access_tokens
    assert "first" in page.text and "private_key_jwt" in page.text
    assert "client_secret)" not in page.text


def test_a_website_that_signs_is_asked_for_its_key(client: PageClient, operator: Account) -> None:
    typed = TYPED | {"token_endpoint_auth_method": "private_key_jwt"}

    page = client.checked(client.get(NEW).form("/neu").submit(client, typed), 422)

    assert set(page.errors) == {"jwks"}


def test_what_is_missing_can_be_told_apart_above_the_form(client: PageClient, operator: Account) -> None:
    page = client.checked(client.get(NEW).form("/neu").submit(client, {}), 422)

    assert len(set(page.errors.values())) == len(page.errors) == 6


def test_a_sentence_that_was_broken_while_it_was_typed_is_one(client: PageClient, operator: Account) -> None:
    client.get(NEW).form("/neu").submit(client, TYPED | {"purpose": "Sie bestellen\r\nUrkunden."})

    assert clients.all_clients()[0].purpose == "Sie bestellen Urkunden."


def test_where_sign_outs_are_reported_can_be_typed_and_is_checked(
    client: PageClient, operator: Account
) -> None:
    uri = "https://urkunden.example.org/abmelden"
    wrong = {"backchannel_logout_uri": "https://10.0.0.5/", "backchannel_logout_session_required": "y"}
    answer = client.get(NEW).form(NEW).submit(client, **TYPED | wrong)
    page = client.checked(answer, 422)
    assert "Dorthin schicken wir nichts" in page.text

    client.follow(page.form(NEW).submit(client, **TYPED | wrong | {"backchannel_logout_uri": uri}))

    (made,) = clients.all_clients()
    assert made.backchannel_logout_uri == uri and made.backchannel_logout_session_required
    assert uri in client.get(page_of(made)).text
