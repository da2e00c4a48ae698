"""Which level a website asks for, which one it gets, and what it is told."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import sessions
from servicekonto.accounts.factor_models import TotpCredential
from servicekonto.accounts.models import Account, AssuranceLevel, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import keys
from servicekonto.oidc.client_models import Client
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.factors import code_of, create_totp
from tests.builders.oidc import Website, agree, came_back, claims_in, create_website, follow_here
from tests.support.client import PageClient

LOW, SUBSTANTIAL, HIGH = (f"http://eidas.europa.eu/LoA/{level}" for level in ("low", "substantial", "high"))


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def verified() -> Account:
    """Known by an identity document, with a second factor."""
    account = create_account(email="erika@example.org", values={"family_name": "Muster"})
    create_totp(account)
    with unit_of_work():
        for attribute in account.attributes:
            attribute.level = AssuranceLevel.SUBSTANTIAL
    return account


def acr(client: PageClient, website: Website, **changes: str) -> str:
    answer = website.send(client, **changes)
    if answer.status_code == 200:
        answer = agree(client, answer)
    token = website.exchange(client, came_back(answer)["code"]).get_json()["id_token"]
    return str(claims_in(token, keys.public_jwks())["acr"]).removeprefix("http://eidas.europa.eu/LoA/")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (None, "substantial"),
        (SUBSTANTIAL, "substantial"),
        (LOW, "low"),
        (f"{LOW} {SUBSTANTIAL}", "substantial"),
        (f"{LOW} {HIGH}", "low"),
        (f"{HIGH} {SUBSTANTIAL}", "substantial"),
        (HIGH, "substantial"),
        ("STORK-QAA-Level-3", "substantial"),
        (f"unknown {LOW}", "low"),
    ],
)
def test_a_website_is_told_a_level_it_knows(
    client: PageClient, website: Website, verified: Account, asked: str | None, told: str
) -> None:
    sign_in(client, verified, level=AssuranceLevel.SUBSTANTIAL)

    assert acr(client, website, **({"acr_values": asked} if asked else {})) == told


def test_who_has_no_more_is_told_honestly(client: PageClient, website: Website) -> None:
    sign_in(client, create_account())

    assert acr(client, website, acr_values=f"{HIGH} {SUBSTANTIAL}") == "low"


def test_any_of_the_levels_will_do(client: PageClient, website: Website, verified: Account) -> None:
    sign_in(client, verified, level=AssuranceLevel.LOW)

    assert acr(client, website, acr_values=f"{SUBSTANTIAL} {LOW}") == "low"


def test_one_step_up_is_enough(client: PageClient, website: Website, verified: Account) -> None:
    sign_in(client, verified, level=AssuranceLevel.LOW)
    credential = db.session.scalars(sa.select(TotpCredential)).one()
    page = client.checked(website.send(client, acr_values=f"{HIGH} {SUBSTANTIAL}"), 200)

    answer = page.form("/anmelden/bestaetigen").submit(client, password=PASSWORD, code=code_of(credential))
    answer = agree(client, follow_here(client, answer))

    token = website.exchange(client, came_back(answer)["code"]).get_json()["id_token"]
    assert claims_in(token, keys.public_jwks())["acr"] == SUBSTANTIAL


def test_a_request_cannot_go_below_what_the_website_needs(client: PageClient, verified: Account) -> None:
    website = create_website(min_level=AssuranceLevel.SUBSTANTIAL)
    sign_in(client, verified, level=AssuranceLevel.LOW)

    assert came_back(website.send(client, acr_values=LOW, prompt="none"))["error"] == "interaction_required"
    sign_in(client, verified, level=AssuranceLevel.SUBSTANTIAL)
    assert acr(client, website, acr_values=LOW) == "substantial"


def test_silently_a_voluntary_level_is_no_obstacle(
    client: PageClient, website: Website, verified: Account
) -> None:
    sign_in(client, verified, level=AssuranceLevel.LOW)
    acr(client, website)

    assert acr(client, website, acr_values=SUBSTANTIAL, prompt="none") == "low"


def confirm_more_weakly(client: PageClient) -> None:
    """As with a touch of a passkey that did not check who touches it."""
    at = clock.now()
    with unit_of_work():
        session = db.session.scalars(sa.select(LoginSession).where(LoginSession.ended_at.is_(None))).one()
        session.level_since -= timedelta(minutes=20)
        token = sessions.renew(session.id, AssuranceLevel.LOW, at)
    client.client.set_cookie("servicekonto", token, domain="localhost")


def test_a_weaker_proof_does_not_lend_its_moment_to_the_stronger_one(
    client: PageClient, website: Website, verified: Account
) -> None:
    sign_in(client, verified, level=AssuranceLevel.SUBSTANTIAL)
    confirm_more_weakly(client)

    assert acr(client, website, max_age="600") == "low"


def test_and_a_website_that_needs_the_stronger_one_gets_it_made_anew(
    client: PageClient, website: Website, verified: Account
) -> None:
    sign_in(client, verified, level=AssuranceLevel.SUBSTANTIAL)
    confirm_more_weakly(client)
    credential = db.session.scalars(sa.select(TotpCredential)).one()

    page = client.checked(website.send(client, acr_values=SUBSTANTIAL, max_age="600"), 200)
    form = page.form("/anmelden/bestaetigen")
    answer = follow_here(client, form.submit(client, password=PASSWORD, code=code_of(credential)))

    token = website.exchange(client, came_back(agree(client, answer))["code"]).get_json()["id_token"]
    assert claims_in(token, keys.public_jwks())["acr"] == SUBSTANTIAL


@pytest.fixture
def verified_highly(client: PageClient) -> Account:
    """As a demonstration shows it: there is no way here to get there."""
    account = create_account(email="hanne@example.org", values={"family_name": "Hochbeispiel"})
    with unit_of_work():
        for attribute in account.attributes:
            attribute.level = AssuranceLevel.HIGH
    sign_in(client, account, level=AssuranceLevel.HIGH)
    return account


def test_nobody_is_told_a_level_that_is_not_published(
    client: PageClient, website: Website, verified_highly: Account
) -> None:
    assert acr(client, website) == "substantial"
    assert acr(client, website, acr_values=HIGH, prompt="none") == "substantial"


def test_a_minimum_that_nobody_reaches_is_an_error_and_no_circle(
    client: PageClient, website: Website, verified_highly: Account
) -> None:
    """A registration from before: it cannot be made any more."""
    with unit_of_work():
        db.session.execute(sa.update(Client).values(min_level=AssuranceLevel.HIGH))
    db.session.expire_all()

    for visitor in (client, PageClient(client.app)):
        assert came_back(website.send(visitor))["error"] == "unmet_authentication_requirements"
