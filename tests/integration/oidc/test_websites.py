"""The websites an account is connected to, and their end."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients, forgetting
from servicekonto.oidc.models import Grant
from tests.builders.oidc import (
    Website,
    agree,
    code_for,
    create_website,
    userinfo,
)
from tests.support.client import PageClient


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def test_a_disabled_website_gets_nothing_more(client: PageClient, website: Website, erika: Account) -> None:
    token = website.exchange(client, code_for(client, website)).get_json()["access_token"]
    with unit_of_work():
        clients.disable(website.client, by=None, at=clock.now())

    assert website.send(client).status_code == 400
    assert userinfo(client, token).status_code == 401


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
        forgetting.purge(at=clock.now() + timedelta(days=7))

    assert db.session.scalars(sa.select(Grant)).all() == []
    assert "vor mehr als sieben Tagen" in client.get("/konto/websites").text


def test_a_website_is_recognised_by_a_text_in_place_of_a_logo(client: PageClient, erika: Account) -> None:
    website = create_website(logo_text="Stadt <Musterstadt>")
    page = client.checked(website.send(client), 200)
    assert "Stadt <Musterstadt>" in page.text
    agree(client, website.send(client))

    page = client.get("/konto/websites")

    assert "Stadt <Musterstadt>" in page.text and "<img" not in page.response.text
