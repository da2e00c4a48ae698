from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicekonto.accounts import commands, events, queries, sessions
from servicekonto.accounts.models import OneTimeLink
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import NotFoundError
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, encoded_hash, sign_in
from tests.support.client import PageClient
from tests.support.published import Published

EMAIL = "erika@example.org"
NEW = "lampe keller tasse fahrrad"


@pytest.fixture
def published() -> Iterator[Published]:
    with Published.of(
        events.PasswordResetRequested, events.PasswordChanged, events.EmailConfirmed
    ) as published:
        yield published


def link_for(published: Published) -> str:
    with unit_of_work():
        commands.request_password_reset(EMAIL, at=clock.now())
    return f"/passwort-neu/{published.of_type(events.PasswordResetRequested)[-1].link_token}"


def test_a_new_password_ends_every_session_and_signs_nobody_in(
    client: PageClient, published: Published
) -> None:
    account = create_account(email=EMAIL)
    other_device = sign_in(client, account)
    client.client.delete_cookie("servicekonto", domain="localhost")
    page = client.get("/passwort-vergessen")
    client.follow(page.form(0).submit(client, email=EMAIL))
    link = f"/passwort-neu/{published.one(events.PasswordResetRequested).link_token}"

    done = client.follow(client.get(link).form(0).submit(client, new_password=NEW))

    assert done.h1 == "Anmelden"
    assert client.client.get("/konto").status_code == 303
    assert sessions.load(other_device, clock.now()) is None
    assert published.one(events.PasswordChanged).by_reset
    assert client.follow(done.form("/anmelden").submit(client, email=EMAIL, password=NEW)).h1 == "Konto"


def test_the_old_password_is_dead(client: PageClient, published: Published) -> None:
    create_account(email=EMAIL)
    client.get(link_for(published)).form(0).submit(client, new_password=NEW)

    answer = client.get("/anmelden").form("/anmelden").submit(client, email=EMAIL, password=PASSWORD)

    assert answer.status_code == 422


def test_the_answer_is_the_same_for_everybody(client: PageClient, published: Published) -> None:
    create_account(email="known@example.org")
    create_account(email="locked@example.org", locked_at=SOME_DAY)
    page = client.get("/passwort-vergessen")

    answers = [
        page.form(0).submit(client, email=f"{who}@example.org") for who in ("unknown", "known", "locked")
    ]

    assert len({(answer.status_code, answer.data, answer.location) for answer in answers}) == 1
    assert len(published.events) == 1


def test_a_link_works_once_and_takes_the_others_with_it(client: PageClient, published: Published) -> None:
    create_account(email=EMAIL)
    first, second = link_for(published), link_for(published)
    form = client.get(second).form(0)
    form.submit(client, new_password=NEW)

    assert client.checked(form.submit(client, new_password=PASSWORD), 404).h1 == "Dieser Link gilt nicht mehr"
    assert client.get(first, status=404).h1 == "Dieser Link gilt nicht mehr"


def test_a_link_ends_after_an_hour(published: Published) -> None:
    create_account(email=EMAIL)
    with unit_of_work():
        commands.request_password_reset(EMAIL, at=SOME_DAY)
    token = published.one(events.PasswordResetRequested).link_token

    assert queries.account_of_reset_link(token, at=SOME_DAY + timedelta(minutes=59, seconds=59))
    assert queries.account_of_reset_link(token, at=SOME_DAY + timedelta(minutes=60)) is None
    with pytest.raises(NotFoundError), unit_of_work():
        commands.reset_password(token, encoded_hash=encoded_hash(NEW), at=SOME_DAY + timedelta(minutes=60))


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "%F0%9F%98%80", "a" * 3000])
def test_an_invented_link_is_like_an_old_one(client: PageClient, token: str) -> None:
    assert client.get(f"/passwort-neu/{token}", status=404).h1 == "Dieser Link gilt nicht mehr"
    assert client.get(f"/registrieren/bestaetigen/{token}", status=404).h1 == "Dieser Link gilt nicht mehr"


def test_a_link_for_one_purpose_is_none_for_another(client: PageClient, published: Published) -> None:
    create_account(email=EMAIL)
    token = link_for(published).rsplit("/", 1)[1]

    client.get(f"/registrieren/bestaetigen/{token}", status=404)


def test_a_weak_password_does_not_use_the_link_up(client: PageClient, published: Published) -> None:
    create_account(email=EMAIL)
    link = link_for(published)

    page = client.checked(client.get(link).form(0).submit(client, new_password="kurz"), 422)

    assert "mindestens 15 Zeichen" in page.errors["new_password"]
    assert page.form(0).submit(client, new_password=NEW).status_code == 303


def test_exactly_one_hash_and_none_for_an_invalid_link(
    client: PageClient, published: Published, hashes: list[str]
) -> None:
    create_account(email=EMAIL)
    form = client.get(link_for(published)).form(0)
    hashes.clear()
    form.submit(client, new_password=NEW)
    form.submit(client, new_password=NEW)

    assert hashes == ["hash"]


def test_the_mailbox_proves_an_unconfirmed_address_too(client: PageClient, published: Published) -> None:
    create_account(email=EMAIL, confirmed_at=None)
    client.get(link_for(published)).form(0).submit(client, new_password=NEW)

    answer = client.get("/anmelden").form("/anmelden").submit(client, email=EMAIL, password=NEW)

    assert answer.status_code == 303
    assert len(published.of_type(events.EmailConfirmed)) == 1


def test_the_token_is_nowhere_in_the_database(published: Published) -> None:
    create_account(email=EMAIL)
    link_for(published)
    token = published.one(events.PasswordResetRequested).link_token

    row = db.session.scalars(sa.select(OneTimeLink)).one()

    assert len(row.token_hash) == 32 and token.encode() not in row.token_hash
    assert token not in repr(published.events)
