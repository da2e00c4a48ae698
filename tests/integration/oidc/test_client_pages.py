"""/betrieb/websites: what those who run the installation see and do."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account, LoginSession
from servicekonto.audit import Action
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients
from servicekonto.oidc.client_models import AuthMethod, Client, ClientKind
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, sign_in
from tests.builders.clients import create_app_client, create_client, public_jwk
from tests.builders.factors import code_of, create_totp
from tests.support.audit_trail import Trail
from tests.support.client import PageClient
from tests.support.page import Page

LIST = "/betrieb/websites/"
NEW = "/betrieb/websites/neu"
TYPED: dict[str, Any] = {
    "name": "Urkundenportal",
    "purpose": "Sie bestellen Urkunden.",
    "purpose_en": "You order certificates.",
    "contact_email": "standesamt@example.org",
    "home_page": "https://urkunden.example.org/",
    "redirect_uris": "https://urkunden.example.org/callback\r\n\r\n  https://urkunden.example.org/b ",
    "post_logout_redirect_uris": "",
    "scopes": ["openid", "email"],
}


def page_of(client: Client) -> str:
    return f"{LIST}{client.id}"


def make_secret(browser: PageClient, client: Client) -> Page:
    return browser.follow(browser.get(page_of(client)).form("/geheimnis").submit(browser))


def shown_secret(page: Page) -> str:
    return page.select_one("#geheimnis").get_text()


def is_some_time_ago() -> None:
    with unit_of_work():
        long_ago = clock.now() - timedelta(minutes=11)
        db.session.execute(sa.update(LoginSession).values(authenticated_at=long_ago))
    db.session.expire_all()


def test_the_page_of_the_operator_leads_to_the_list(client: PageClient, operator: Account) -> None:
    page = client.get("/betrieb/")

    assert client.get(page.link("Angeschlossene Websites")).h1 == "Angeschlossene Websites"


def test_an_empty_list_says_so(client: PageClient, operator: Account) -> None:
    assert "Noch keine" in client.get(LIST).text


def test_the_list_shows_what_is_registered_and_what_is_disabled(
    client: PageClient, operator: Account
) -> None:
    create_client(name="Portal")
    disabled = create_app_client(name="App")
    with unit_of_work():
        clients.disable(disabled, by=None, at=SOME_DAY)

    rows = client.get(LIST).texts("tbody tr")

    assert [row.split()[0] for row in rows] == ["App", "Portal"]
    assert "Gesperrt seit" in rows[0] and disabled.client_id in rows[0]
    assert "Website mit eigenem Server" in rows[1] and "Freigegeben" in rows[1]


@pytest.mark.parametrize("websites", [1, 30])
def test_the_list_takes_the_same_number_of_queries_for_any_number(
    client: PageClient, operator: Account, queries: list[str], websites: int
) -> None:
    for _number in range(websites):
        create_client()
    db.session.expunge_all()
    queries.clear()

    assert len(client.get(LIST).select("tbody tr")) == websites
    assert len(queries) <= 4, queries


def test_a_website_is_registered(client: PageClient, operator: Account, trail: Trail) -> None:
    page = client.follow(client.get(NEW).form("/neu").submit(client, TYPED))

    (made,) = clients.all_clients()
    assert page.h1 == "Urkundenportal"
    assert "Urkundenportal ist eingetragen." in page.messages
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


def test_a_new_secret_is_shown_once(client: PageClient, operator: Account, trail: Trail) -> None:
    website = create_client()

    page = make_secret(client, website)

    clear = shown_secret(page)
    assert clients.secret_matches(website, clear, clock.now())
    assert "Sie sehen es nur dieses eine Mal." in page.text
    again = client.get(page_of(website))
    assert again.select("#geheimnis") == [] and clear not in str(again.soup)
    assert f"…{clear[-4:]}" in again.text
    assert trail.actions[-1] is Action.CLIENT_SECRET_MADE


def test_a_new_secret_is_shown_on_the_page_of_its_website_only(client: PageClient, operator: Account) -> None:
    website, other = create_client(), create_client()
    client.get(page_of(website)).form("/geheimnis").submit(client)

    assert client.get(page_of(other)).select("#geheimnis") == []


def test_the_cookie_between_making_and_showing_is_of_use_to_nobody_else(
    client: PageClient, operator: Account, app: Any
) -> None:
    website = create_client()
    client.get(page_of(website)).form("/geheimnis").submit(client)
    cookie = client.client.get_cookie("servicekonto-form", domain="localhost")
    assert cookie is not None
    thief = PageClient(app)
    sign_in(thief, create_account(kind=operator.kind))
    thief.client.set_cookie("servicekonto-form", cookie.value, domain="localhost")

    assert thief.get(page_of(website)).select("#geheimnis") == []


def test_a_secret_is_ended(client: PageClient, operator: Account) -> None:
    website = create_client()
    clear = shown_secret(make_secret(client, website))

    page = client.follow(client.get(page_of(website)).form("/beenden").submit(client))

    assert not clients.secret_matches(website, clear, clock.now())
    assert "Beendet am" in page.text


def test_when_there_are_many_secrets_no_further_one_is_offered(client: PageClient, operator: Account) -> None:
    website = create_client()
    with unit_of_work():
        for _number in range(clients.MOST_SECRETS):
            clients.add_secret(website, by=None, at=SOME_DAY)

    page = client.get(page_of(website))

    assert "Beenden Sie erst eines." in page.text
    assert page.select("form[action$='/geheimnis']") == []


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


def test_everything_but_disabling_wants_a_fresh_proof(client: PageClient, operator: Account) -> None:
    website = create_client()
    page = make_secret(client, website)
    is_some_time_ago()

    for action in ("/geheimnis", "/beenden"):
        assert page.form(action).submit(client).location == "/anmelden/bestaetigen"
    for path in (NEW, f"{page_of(website)}/aendern"):
        assert client.client.get(path).location == "/anmelden/bestaetigen"
    disabled = client.follow(page.form("/sperren").submit(client))
    assert disabled.form("/freigeben").submit(client).location == "/anmelden/bestaetigen"


def test_what_was_typed_is_there_after_the_fresh_proof(client: PageClient, operator: Account) -> None:
    credential = create_totp(operator)
    form = client.get(NEW).form("/neu").fill(TYPED)
    is_some_time_ago()

    confirm = client.follow(form.submit(client)).form("/bestaetigen")
    page = client.follow(confirm.submit(client, password=PASSWORD, code=code_of(credential)))

    assert page.form("/neu").values["name"] == ["Urkundenportal"]
    assert page.form("/neu").values["scopes"] == ["openid", "email"]


@pytest.mark.parametrize("who", ["citizen", "staff"])
def test_others_do_not_get_there(client: PageClient, who: str) -> None:
    website = create_client()
    sign_in(client, create_account(kind=who))

    assert client.get(LIST, status=403).h1
    assert client.get(page_of(website), status=404).h1


def test_an_unknown_website_is_not_found(client: PageClient, operator: Account) -> None:
    client.get(f"{LIST}01890000-0000-7000-8000-000000000000", status=404)


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


def test_secrets_from_before_are_shown_as_of_no_use_when_a_website_signs(
    client: PageClient, operator: Account
) -> None:
    website = create_client()
    make_secret(client, website)
    typed = {
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": json.dumps({"keys": [public_jwk("first")]}),
    }
    page = client.follow(client.get(f"{page_of(website)}/aendern").form("/aendern").submit(client, typed))

    assert "Ihre Geheimnisse gelten nicht mehr" in page.text
    assert "Neues Geheimnis anlegen" not in page.text


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
