"""Coming back for data without the visitor: only with their consent, and with a new token each time."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.sealing import token_hash
from servicekonto.oidc import clients, forgetting, keys, refresh
from servicekonto.oidc.client_models import ClientKind
from servicekonto.oidc.models import Grant, RefreshToken
from tests.builders.oidc import (
    Website,
    agree,
    came_back,
    claims_in,
    code_for,
    create_website,
    offline_tokens,
    userinfo,
)
from tests.support.client import PageClient


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def portal() -> Website:
    """One that may ask for refresh tokens."""
    return create_website(offline_access=True)


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]


def test_a_refresh_token_gives_new_tokens_and_a_new_one_of_its_kind(
    client: PageClient, portal: Website, erika: Account
) -> None:
    first = offline_tokens(client, portal)

    answer = portal.refresh(client, first["refresh_token"])

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    second = answer.get_json()
    assert (second["token_type"], second["expires_in"]) == ("Bearer", 300)
    assert second["scope"] == first["scope"] == "email offline_access openid"
    assert len({first["refresh_token"], second["refresh_token"]}) == 2
    assert userinfo(client, second["access_token"]).get_json()["email"] == "erika@example.org"


def test_the_refreshed_id_token_tells_of_the_same_sign_in(
    client: PageClient, portal: Website, erika: Account
) -> None:
    first = offline_tokens(client, portal)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        second = portal.refresh(client, first["refresh_token"]).get_json()

    old, new = (claims_in(tokens["id_token"], keys.public_jwks()) for tokens in (first, second))
    same = ("iss", "sub", "aud", "auth_time", "acr")
    assert {name: old[name] for name in same} == {name: new[name] for name in same}
    assert new["iat"] >= old["iat"] + 7200
    assert old["at_hash"] != new["at_hash"]
    assert "nonce" in old and "nonce" not in new


def test_only_hashes_are_stored(client: PageClient, portal: Website, erika: Account) -> None:
    token = offline_tokens(client, portal)["refresh_token"]

    row = db.session.scalars(sa.select(RefreshToken)).one()
    family, secret = token.split(".")
    assert len(family) == len(secret) == 43  # 256 bits each
    assert row.token_hash == token_hash(token) and row.family_hash == token_hash(family)


@pytest.mark.parametrize(
    ("scope", "changes", "may"),
    [
        ("openid email", {"prompt": "consent"}, True),
        ("openid email offline_access", {}, True),
        ("openid email offline_access", {"prompt": "consent"}, False),
    ],
    ids=["not asked for", "without the question for consent", "a website that may not"],
)
def test_without_scope_question_and_permission_there_is_none_and_no_error(
    client: PageClient, erika: Account, scope: str, changes: dict[str, Any], may: bool
) -> None:
    website = create_website(offline_access=may)
    page = website.send(client, scope=scope, **changes)
    assert client.checked(page, 200).select("#scope-offline_access") == []

    tokens = website.exchange(client, came_back(agree(client, page, "email"))["code"]).get_json()

    assert "refresh_token" not in tokens
    assert tokens["scope"] == "email openid"


def test_the_consent_page_says_it_in_words_and_does_not_choose_for_the_person(
    client: PageClient, portal: Website, erika: Account
) -> None:
    page = portal.send(client, scope="openid email offline_access", prompt="consent")

    shown = client.checked(page, 200)
    assert "auch abrufen, wenn Sie nicht angemeldet sind, bis zu 90 Tage lang" in shown.text
    assert not shown.select_one("#scope-offline_access").has_attr("checked")
    back = came_back(agree(client, page, "email"))
    assert "refresh_token" not in portal.exchange(client, back["code"]).get_json()


def test_saying_no_later_ends_what_was_allowed_before(
    client: PageClient, portal: Website, erika: Account
) -> None:
    token = offline_tokens(client, portal)["refresh_token"]

    agree(client, portal.send(client, scope="openid email offline_access", prompt="consent"), "email")

    assert error_of(portal.refresh(client, token)) == (400, "invalid_grant")


def test_agreeing_again_in_another_browser_keeps_what_was_allowed_before(
    client: PageClient, portal: Website, erika: Account
) -> None:
    token = offline_tokens(client, portal)["refresh_token"]

    offline_tokens(client, portal)

    assert portal.refresh(client, token).status_code == 200


def test_an_old_token_ends_everything_that_came_of_the_grant(
    client: PageClient, portal: Website, erika: Account
) -> None:
    first = offline_tokens(client, portal)["refresh_token"]
    second = portal.refresh(client, first).get_json()
    third = portal.refresh(client, second["refresh_token"]).get_json()

    assert error_of(portal.refresh(client, first)) == (400, "invalid_grant")

    assert userinfo(client, third["access_token"]).status_code == 401
    assert error_of(portal.refresh(client, third["refresh_token"])) == (400, "invalid_grant")


def test_an_invented_token_of_a_known_family_is_as_bad_as_an_old_one(
    client: PageClient, portal: Website, erika: Account
) -> None:
    token = offline_tokens(client, portal)["refresh_token"]

    assert error_of(portal.refresh(client, token[:-1] + "_")) == (400, "invalid_grant")

    assert error_of(portal.refresh(client, token)) == (400, "invalid_grant")


def test_the_token_of_another_website_is_worth_nothing_and_stays_good_there(
    client: PageClient, portal: Website, erika: Account
) -> None:
    thief = create_website(offline_access=True)
    token = offline_tokens(client, portal)["refresh_token"]

    assert error_of(thief.refresh(client, token)) == (400, "invalid_grant")

    assert portal.refresh(client, token).status_code == 200


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 43 + "." + "b" * 43, "ü.ü", "a.b.c", "." * 87])
def test_what_is_no_refresh_token_is_an_invalid_grant(
    client: PageClient, portal: Website, token: str
) -> None:
    assert error_of(portal.refresh(client, token)) == (400, "invalid_grant")


def test_without_a_token_the_request_is_invalid(client: PageClient, portal: Website) -> None:
    assert error_of(portal.refresh(client, "")) == (400, "invalid_request")


def test_an_app_proves_nothing_but_has_to_have_the_newest_token(client: PageClient, erika: Account) -> None:
    app = create_website(kind=ClientKind.PUBLIC, offline_access=True)
    first = offline_tokens(client, app)["refresh_token"]

    second = app.refresh(client, first).get_json()["refresh_token"]

    assert app.refresh(client, second).status_code == 200
    assert app.refresh(client, first).status_code == 400


def test_a_website_that_proves_nothing_gets_nothing(
    client: PageClient, portal: Website, erika: Account
) -> None:
    token = offline_tokens(client, portal)["refresh_token"]

    assert error_of(portal.refresh(client, token, client_secret="falsch")) == (401, "invalid_client")
    assert portal.refresh(client, token).status_code == 200


def test_the_scope_may_become_smaller_for_once(client: PageClient, portal: Website, erika: Account) -> None:
    token = offline_tokens(client, portal, "openid email profile")["refresh_token"]

    narrow = portal.refresh(client, token, scope="openid email").get_json()

    assert narrow["scope"] == "email openid"
    known = userinfo(client, narrow["access_token"]).get_json()
    assert "email" in known and "name" not in known
    whole = portal.refresh(client, narrow["refresh_token"]).get_json()
    assert "name" in userinfo(client, whole["access_token"]).get_json()


@pytest.mark.parametrize("scope", ["openid phone", "openid email everything", "ü", "\x00"])
def test_the_scope_may_not_become_larger_and_asking_uses_nothing_up(
    client: PageClient, portal: Website, erika: Account, scope: str
) -> None:
    token = offline_tokens(client, portal)["refresh_token"]

    assert error_of(portal.refresh(client, token, scope=scope)) == (400, "invalid_scope")

    assert portal.refresh(client, token).status_code == 200


def test_without_openid_there_is_no_id_token_and_no_userinfo(
    client: PageClient, portal: Website, erika: Account
) -> None:
    token = offline_tokens(client, portal)["refresh_token"]

    narrow = portal.refresh(client, token, scope="email").get_json()

    assert "id_token" not in narrow
    answer = userinfo(client, narrow["access_token"])
    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"].endswith('error="insufficient_scope"')


def test_a_token_that_lies_for_a_month_is_over_at_the_end_of_the_day(
    client: PageClient, portal: Website, erika: Account
) -> None:
    token, begun = offline_tokens(client, portal)["refresh_token"], clock.now()

    with time_machine.travel(begun + refresh.IDLE - timedelta(seconds=1)):
        token = portal.refresh(client, token).get_json()["refresh_token"]
        used = clock.now()
    with time_machine.travel(used + refresh.IDLE + timedelta(days=1)):
        assert error_of(portal.refresh(client, token)) == (400, "invalid_grant")


def test_however_often_it_is_used_it_ends_ninety_days_after_the_consent(
    client: PageClient, portal: Website, erika: Account
) -> None:
    token, began = offline_tokens(client, portal)["refresh_token"], clock.now()

    for days in (29, 58, 87):
        with time_machine.travel(began + timedelta(days=days)):
            token = portal.refresh(client, token).get_json()["refresh_token"]
    with time_machine.travel(began + timedelta(days=90, seconds=1)):
        assert error_of(portal.refresh(client, token)) == (400, "invalid_grant")


def test_a_locked_account_gives_nothing_more(client: PageClient, portal: Website, erika: Account) -> None:
    token = offline_tokens(client, portal)["refresh_token"]
    with unit_of_work():
        erika.locked_at = clock.now()

    assert error_of(portal.refresh(client, token)) == (400, "invalid_grant")


def test_a_disabled_website_is_nobody_any_more(client: PageClient, portal: Website, erika: Account) -> None:
    token = offline_tokens(client, portal)["refresh_token"]
    with unit_of_work():
        clients.disable(portal.client, by=None, at=clock.now())

    assert error_of(portal.refresh(client, token)) == (400, "invalid_client")


def test_a_website_that_may_no_longer_refresh_is_told_so(
    client: PageClient, portal: Website, erika: Account
) -> None:
    token = offline_tokens(client, portal)["refresh_token"]
    with unit_of_work():
        portal.client.offline_access = False

    assert error_of(portal.refresh(client, token)) == (400, "unauthorized_client")


def test_parting_with_the_website_ends_it(client: PageClient, portal: Website, erika: Account) -> None:
    token = offline_tokens(client, portal)["refresh_token"]
    page = client.get("/konto/websites")
    assert "bis zu 90 Tage lang" in page.text

    client.follow(page.form("/trennen").submit(client))

    assert error_of(portal.refresh(client, token)) == (400, "invalid_grant")


def test_the_replay_of_the_code_ends_the_refresh_token_too(
    client: PageClient, portal: Website, erika: Account
) -> None:
    code = code_for(client, portal, "openid offline_access", prompt="consent")
    token = portal.exchange(client, code).get_json()["refresh_token"]

    portal.exchange(client, code)

    assert error_of(portal.refresh(client, token)) == (400, "invalid_grant")


def test_after_a_week_the_sign_in_is_forgotten_and_the_permission_is_not(
    client: PageClient, portal: Website, erika: Account
) -> None:
    token, later = offline_tokens(client, portal)["refresh_token"], clock.now() + timedelta(days=7)
    with unit_of_work():
        forgetting.purge(at=later)

    db.session.expire_all()
    grant = db.session.scalars(sa.select(Grant)).one()
    assert grant.authenticated_at is None and grant.session_id is None
    assert db.session.scalars(sa.select(sa.func.count()).select_from(RefreshToken)).one() == 1
    with time_machine.travel(later):
        tokens = portal.refresh(client, token).get_json()
        assert "id_token" not in tokens  # nothing is left that it could say
        assert userinfo(client, tokens["access_token"]).get_json()["email"] == "erika@example.org"


def test_a_permission_that_ended_goes_with_everything(
    client: PageClient, portal: Website, erika: Account
) -> None:
    tokens, now = offline_tokens(client, portal), clock.now()
    portal.revoke(client, tokens["refresh_token"])
    offline_tokens(client, portal)
    with unit_of_work():
        forgetting.purge(at=now + timedelta(days=7))
    assert len(db.session.scalars(sa.select(Grant)).all()) == 1

    with unit_of_work():
        assert forgetting.due(at=now + timedelta(days=31)) == 1
        forgetting.purge(at=now + timedelta(days=31))

    assert db.session.scalars(sa.select(Grant)).all() == []
    assert db.session.scalars(sa.select(RefreshToken)).all() == []
