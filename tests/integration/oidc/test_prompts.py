"""Signing in again, choosing an account, agreeing again: each wish of a website is met once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import sessions
from servicekonto.accounts.models import Account, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import keys
from servicekonto.oidc.models import Interaction
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.oidc import Website, agree, came_back, claims_in, create_website, follow_here
from tests.support.client import PageClient
from tests.support.page import Page

CONFIRM = "/anmelden/bestaetigen"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def pressed(client: PageClient, page: Page, button: str) -> Page:
    form = next(form for form in (page.form(n) for n in range(3)) if form.buttons == [button])
    return client.checked(follow_here(client, form.submit(client)), 200)


def test_who_is_signed_in_may_choose_another_account(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    create_account(email="max@example.org")
    page = client.checked(website.send(client, prompt="select_account"), 200)
    assert page.h1 == "Mit welchem Konto weiter zu Standesamtsportal Musterstadt?"
    assert "erika@example.org" in page.text

    page = pressed(client, page, "Mit einem anderen Konto anmelden")
    answer = page.form("/anmelden").submit(client, email="max@example.org", password=PASSWORD)

    page = client.checked(follow_here(client, answer), 200)
    assert "max@example.org" in page.text and "Mit dem Servicekonto anmelden" in page.h1


def test_or_go_on_with_this_one(client: PageClient, website: Website, erika_who_agreed: Account) -> None:
    page = client.checked(website.send(client, prompt="select_account"), 200)

    answer = page.form(0).submit(client, button="Weiter als erika@example.org")

    assert "code" in came_back(follow_here(client, answer))


def test_or_turn_back(client: PageClient, website: Website, erika_who_agreed: Account) -> None:
    page = client.checked(website.send(client, prompt="select_account"), 200)

    back = came_back(page.form(2).submit(client))

    assert back["error"] == "access_denied"


def test_the_chosen_account_is_chosen_for_this_request_only(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    page = client.checked(website.send(client, prompt="select_account"), 200)
    page.form(0).submit(client)

    assert client.checked(website.send(client, prompt="select_account"), 200).h1.startswith(
        "Mit welchem Konto"
    )


def test_all_three_wishes_are_met_one_after_the_other(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    page = client.checked(website.send(client, prompt="consent login select_account"), 200)
    page = pressed(client, page, "Weiter als erika@example.org")
    assert page.path == CONFIRM
    answer = page.form(CONFIRM).submit(client, password=PASSWORD)
    page = client.checked(follow_here(client, answer), 200)
    assert page.h1.startswith("Mit dem Servicekonto anmelden")

    assert "code" in came_back(page.form(page.path).submit(client, button="Zustimmen"))


def test_a_new_sign_in_is_newer(client: PageClient, website: Website, erika_who_agreed: Account) -> None:
    long_ago = clock.now() - timedelta(minutes=5)
    with unit_of_work():
        db.session.execute(sa.update(LoginSession).values(authenticated_at=long_ago))
    page = client.checked(website.send(client, prompt="login"), 200)

    back = came_back(follow_here(client, page.form(CONFIRM).submit(client, password=PASSWORD)))

    token = website.exchange(client, back["code"]).get_json()["id_token"]
    assert claims_in(token, keys.public_jwks())["auth_time"] > int(long_ago.timestamp()) + 200


def test_a_sign_in_of_just_now_is_none_after_the_request(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    """Within the same second: it is the session's token that counts, not the time."""
    sign_in(client, erika_who_agreed, at=clock.now() + timedelta(seconds=1))

    assert client.checked(website.send(client, prompt="login"), 200).path == CONFIRM
    assert client.checked(website.send(client, max_age="0"), 200).path == CONFIRM


def test_consent_can_be_asked_for_again(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    page = website.send(client, prompt="consent")

    assert "code" in came_back(agree(client, page))


@pytest.mark.parametrize(
    "prompt", ["none login", "none consent", "none select_account", "foo", "login foo", "None"]
)
def test_what_contradicts_itself_is_refused(client: PageClient, website: Website, prompt: str) -> None:
    assert came_back(website.send(client, prompt=prompt))["error"] == "invalid_request"


@pytest.mark.parametrize("by_post", [False, True])
def test_silently_no_page_is_shown_whatever_is_missing(
    client: PageClient, website: Website, by_post: bool
) -> None:
    def silently(**changes: str) -> str:
        given = website.parameters(prompt="none", **changes)
        sent = {"data": given, "method": "POST"} if by_post else {"query_string": given}
        answer = follow_here(client, client.client.open("/oidc/authorize", **sent))
        return came_back(answer).get("error", "code")

    assert silently() == "login_required"
    erika = create_account(email="erika@example.org")
    sign_in(client, erika)
    assert silently() == "consent_required"
    agree(client, website.send(client))
    assert silently() == "code"
    assert silently(max_age="0") == "login_required"
    assert silently(scope="openid email") == "consent_required"


def test_silently_nothing_is_left_behind(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    before = db.session.scalar(sa.select(sa.func.count()).select_from(Interaction))

    website.send(client, prompt="none")

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Interaction)) == before


@pytest.mark.parametrize("max_age", [None, "10000"])
def test_every_token_says_when_the_person_signed_in(
    client: PageClient, website: Website, erika_who_agreed: Account, max_age: str | None
) -> None:
    long_ago = clock.now() - timedelta(minutes=5)
    with unit_of_work():
        db.session.execute(sa.update(LoginSession).values(authenticated_at=long_ago))

    back = came_back(website.send(client, max_age=max_age))

    token = website.exchange(client, back["code"]).get_json()["id_token"]
    assert claims_in(token, keys.public_jwks())["auth_time"] == int(long_ago.timestamp())


@pytest.mark.parametrize(("asked", "is_asked_again"), [(None, True), ("10000", False), ("0", True)])
def test_a_website_may_have_a_usual_age(
    client: PageClient, erika_who_agreed: Account, asked: str | None, is_asked_again: bool
) -> None:
    website = create_website(default_max_age=60)
    agree(client, website.send(client))
    with unit_of_work():
        db.session.execute(
            sa.update(LoginSession).values(authenticated_at=clock.now() - timedelta(minutes=5))
        )

    answer = website.send(client, max_age=asked)

    assert (answer.status_code == 200 and answer.request.path == CONFIRM) is is_asked_again


def test_agreeing_before_the_new_sign_in_agrees_to_nothing(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    website.send(client, prompt="login consent", scope="openid email")
    interaction = db.session.scalars(sa.select(Interaction).where(Interaction.done_at.is_(None))).one()
    form = client.get("/konto/websites").form("/trennen")

    answer = client.client.post(
        f"/oidc/vorgang/{interaction.id}",
        data={"action": "all", "csrf_token": form.values["csrf_token"][0]},
        headers={"Referer": "http://localhost/"},
    )

    assert follow_here(client, answer).request.path == CONFIRM
    assert came_back(website.send(client, prompt="none", scope="openid email"))["error"] == "consent_required"


def test_a_website_learns_of_nobody_who_only_looked(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    """Consent is given by pressing a button, never by opening an address."""
    page = website.send(client, scope="openid email")

    for address in (
        page.request.path,
        page.request.path + "?action=all",
        page.request.path + "?action=agree",
    ):
        client.get(address)

    assert came_back(website.send(client, prompt="none", scope="openid email"))["error"] == "consent_required"


def test_another_token_alone_is_no_proof(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    """Somebody with a second factor who changes their password gets one, and has proved nothing."""
    website.send(client, prompt="login")
    begun = db.session.scalars(sa.select(Interaction).where(Interaction.done_at.is_(None))).one()
    with unit_of_work():
        session = db.session.scalars(sa.select(LoginSession).where(LoginSession.ended_at.is_(None))).one()
        token = sessions.replace_token(session.id)
        session.authenticated_at = clock.now() - timedelta(minutes=5)
    client.client.set_cookie("servicekonto", token, domain="localhost")

    assert client.client.get(f"/oidc/vorgang/{begun.id}").location == CONFIRM


def test_an_address_that_was_taken_away_meanwhile_is_not_led_to(
    client: PageClient, website: Website, erika_who_agreed: Account
) -> None:
    page = website.send(client, prompt="consent")
    with unit_of_work():
        website.client.redirect_uris = ["https://elsewhere.example.org/callback"]

    client.get(page.request.path, status=404)
