"""What works no longer once a session is over."""

import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients
from servicekonto.oidc.models import Grant
from tests.builders.accounts import PASSWORD, sign_in
from tests.builders.logout import Receiver, id_token_for
from tests.builders.oidc import Website, agree, came_back, userinfo
from tests.integration.oidc.backchannel.telling import sign_out, work
from tests.support.client import PageClient


def test_what_the_website_got_ends_with_the_session_except_what_was_agreed_for_later(
    client: PageClient, website: Website, erika: Account
) -> None:
    id_token_for(client, website)
    id_token_for(client, website)
    kept, ended = db.session.scalars(sa.select(Grant).order_by(Grant.id))
    with unit_of_work():
        kept.scopes = ["offline_access", "openid"]

    sign_out(client)

    db.session.expire_all()
    assert kept.revoked_at is None and ended.revoked_at is not None


def test_an_access_token_ends_with_the_session(client: PageClient, website: Website, erika: Account) -> None:
    code = came_back(agree(client, website.send(client)))["code"]
    token = website.exchange(client, code).get_json()["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    assert PageClient(client.app).client.get("/oidc/userinfo", headers=header).status_code == 200

    sign_out(client)

    assert PageClient(client.app).client.get("/oidc/userinfo", headers=header).status_code == 401


def test_what_was_granted_in_a_session_ends_with_it_while_the_website_is_disabled(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    code = came_back(agree(client, website.send(client)))["code"]
    token = website.exchange(client, code).get_json()["access_token"]
    with unit_of_work():
        clients.disable(website.client, by=None, at=clock.now())
    sign_out(client)
    work(client.app)

    with unit_of_work():
        clients.enable(website.client, by=None, at=clock.now())

    assert userinfo(client, token).status_code == 401
    assert received.tokens == []


def test_a_code_is_worth_nothing_once_the_end_of_its_session_was_told(
    client: PageClient, website: Website, erika: Account
) -> None:
    """Also one that was made at the same moment, after the grants of the session were looked up."""
    code = came_back(agree(client, website.send(client)))["code"]
    sign_out(client)
    with unit_of_work():
        db.session.execute(sa.update(Grant).values(revoked_at=None))

    assert website.exchange(client, code).get_json()["error"] == "invalid_grant"


def test_toy_13_the_token_of_the_session_changes_with_each_proof(
    client: PageClient, website: Website, erika: Account
) -> None:
    """What was set in the browser before, or copied from it, opens nothing of what was proved since."""
    before = client.client.get_cookie("servicekonto", domain="localhost")
    page = client.checked(website.send(client, prompt="login"), 200)
    page.form("/anmelden/bestaetigen").submit(client, password=PASSWORD)
    after = client.client.get_cookie("servicekonto", domain="localhost")
    assert before is not None and after is not None and before.value != after.value

    thief = PageClient(client.app)
    thief.client.set_cookie("servicekonto", before.value, domain="localhost")

    assert thief.client.get("/konto").status_code == 303
    assert client.client.get("/konto").status_code == 200


def test_toy_14_signing_out_kills_the_cookie_somebody_has_copied(
    client: PageClient, website: Website, erika: Account
) -> None:
    """The session is a row, so it can be ended."""
    copied = client.client.get_cookie("servicekonto", domain="localhost")
    assert copied is not None
    id_token_for(client, website)
    sign_out(client)

    thief = PageClient(client.app)
    thief.client.set_cookie("servicekonto", copied.value, domain="localhost")

    assert came_back(website.send(thief, prompt="none"))["error"] == "login_required"


def test_the_owner_sees_where_they_are_signed_in_and_where_they_have_to_sign_out_themselves(
    client: PageClient, website: Website, erika: Account
) -> None:
    id_token_for(client, website)
    assert "sagen wir dort Bescheid" in client.get("/konto/websites").text
    with unit_of_work():
        website.client.backchannel_logout_uri = ""
    assert "Abmelden müssen Sie sich dort selbst" in client.get("/konto/websites").text

    sign_out(client)
    sign_in(client, erika)

    assert "Von hier aus angemeldet" not in client.get("/konto/websites").text


def test_whether_the_session_is_over_costs_no_statement_of_its_own(
    client: PageClient, website: Website, erika: Account, queries: list[str]
) -> None:
    code = came_back(agree(client, website.send(client)))["code"]
    queries.clear()

    assert website.exchange(client, code).status_code == 200

    assert [text for text in queries if "login_session" in text and text.startswith("SELECT")] == []
