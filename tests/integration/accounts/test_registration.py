from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from servicekonto.accounts import commands, events, queries, throttle
from servicekonto.accounts.models import Account, OneTimeLink
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import NotFoundError
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, encoded_hash
from tests.support.client import PageClient
from tests.support.published import Published

NEW = "erika@example.org"
WRONG_BUT_GOOD = "lampe keller tasse fahrrad"


@pytest.fixture
def published() -> Iterator[Published]:
    with Published.of(
        events.RegistrationRequested, events.RegistrationForExistingAddress, events.EmailConfirmed
    ) as published:
        yield published


def register(client: PageClient, email: str = NEW, password: str = PASSWORD) -> str:
    page = client.get("/registrieren")
    answer = page.form(0).submit(client, email=email, password=password)
    assert answer.status_code == 303
    return client.follow(answer).text


def test_a_new_account_is_confirmed_by_the_link_and_a_click(client: PageClient, published: Published) -> None:
    register(client)
    token = published.one(events.RegistrationRequested).link_token

    page = client.get(f"/registrieren/bestaetigen/{token}")
    done = client.follow(page.form(0).submit(client))

    assert done.h1 == "Anmelden"
    assert "Ihre E-Mail-Adresse ist bestätigt" in done.messages[0]
    after = client.follow(done.form("/anmelden").submit(client, email=NEW, password=PASSWORD))
    assert after.path == "/konto"


def test_opening_the_link_confirms_nothing(client: PageClient, published: Published) -> None:
    register(client)
    token = published.one(events.RegistrationRequested).link_token

    client.get(f"/registrieren/bestaetigen/{token}")

    account = queries.by_email(NEW)
    assert account is not None and account.confirmed_at is None


def test_a_link_works_once(client: PageClient, published: Published) -> None:
    register(client)
    path = f"/registrieren/bestaetigen/{published.one(events.RegistrationRequested).link_token}"
    form = client.get(path).form(0)
    form.submit(client)

    assert client.checked(form.submit(client), 404).h1 == "Dieser Link gilt nicht mehr"
    assert client.get(path, status=404).h1 == "Dieser Link gilt nicht mehr"


def test_a_link_ends_after_24_hours(client: PageClient) -> None:
    account = create_account(confirmed_at=None)
    with unit_of_work():
        commands.register(account.email or "", encoded_hash=encoded_hash(PASSWORD), at=SOME_DAY)
    link = db.session.scalars(sa.select(OneTimeLink)).one()

    assert link.expires_at == SOME_DAY + timedelta(hours=24)


def test_the_answer_is_the_same_whether_there_is_an_account_or_not(
    client: PageClient, published: Published
) -> None:
    create_account(email="known@example.org")
    create_account(email="locked@example.org", locked_at=SOME_DAY)
    create_account(email="unconfirmed@example.org", confirmed_at=None)
    page = client.get("/registrieren")

    answers = [
        page.form(0).submit(client, email=f"{who}@example.org", password=PASSWORD)
        for who in ("unknown", "known", "unconfirmed", "locked")
    ]

    assert len({(answer.status_code, answer.data, answer.location) for answer in answers}) == 1
    assert len({tuple(answer.headers.getlist("Set-Cookie")) for answer in answers}) == 1
    assert [type(event) for event in published.events] == [
        events.RegistrationRequested,
        events.RegistrationForExistingAddress,
        events.RegistrationRequested,
        events.RegistrationForExistingAddress,
    ]


@pytest.mark.parametrize("who", ["unknown", "known", "unconfirmed"])
def test_exactly_one_hash_is_computed(client: PageClient, hashes: list[str], who: str) -> None:
    create_account(email="known@example.org")
    create_account(email="unconfirmed@example.org", confirmed_at=None)
    hashes.clear()

    register(client, email=f"{who}@example.org")

    assert hashes == ["hash"]


def test_the_password_of_somebody_else_cannot_be_smuggled_in(published: Published) -> None:
    with unit_of_work():
        commands.register(NEW, encoded_hash=encoded_hash("das passwort des angreifers"), at=SOME_DAY)
        commands.register(NEW, encoded_hash=encoded_hash(PASSWORD), at=SOME_DAY)
    attackers, owners = [
        event for event in published.events if isinstance(event, events.RegistrationRequested)
    ]

    with unit_of_work():
        account = commands.confirm_email(owners.link_token, at=SOME_DAY)
        credential = queries.password_credential(account)
        assert credential is not None and credential.encoded_hash == encoded_hash(PASSWORD)

    with pytest.raises(NotFoundError), unit_of_work():
        commands.confirm_email(attackers.link_token, at=SOME_DAY)


def test_registering_again_sends_another_link_for_the_password_of_that_time(
    client: PageClient, published: Published
) -> None:
    """A link that was sent again for somebody's earlier registration would put their password in force."""
    register(client)
    register(client, email=NEW.upper(), password="ein anderes langes passwort")
    first, second = [event.link_token for event in published.of_type(events.RegistrationRequested)]

    page = client.get(f"/registrieren/bestaetigen/{second}")
    assert client.follow(page.form(0).submit(client)).h1 == "Anmelden"

    client.get(f"/registrieren/bestaetigen/{first}", status=404)


def test_attempts_are_counted_before_the_password_is_judged(
    client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttle.RULES, throttle.REGISTRATION_NETWORK, throttle.Rule(2, timedelta(hours=1)))
    form = client.get("/registrieren").form(0)

    answers = [form.submit(client, email=NEW, password="kurz").status_code for _try in range(3)]

    assert answers == [422, 422, 429]


def test_one_mailbox_gets_five_mails_a_day_and_nobody_notices(
    client: PageClient, published: Published
) -> None:
    for _ in range(7):
        register(client)

    assert len(published.events) == 5


def test_bad_input_keeps_the_address_but_not_the_password(client: PageClient) -> None:
    page = client.get("/registrieren")

    again = client.checked(page.form(0).submit(client, email="erika@", password="geheimgeheim"), 422)

    assert "sieht zum Beispiel so aus" in again.errors["email"]
    assert again.select_one("#email")["value"] == "erika@"
    assert "value" not in again.select_one("#password").attrs or again.select_one("#password")["value"] == ""
    assert "geheimgeheim" not in again.response.text


def test_a_weak_password_is_explained(client: PageClient) -> None:
    page = client.get("/registrieren")

    again = client.checked(page.form(0).submit(client, email=NEW, password="hanau2026"), 422)

    assert "mindestens 15 Zeichen" in again.errors["password"]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("a\0@example.org", PASSWORD),
        (NEW, "\0" * 20),
        ("x" * 200_000, PASSWORD),
        (NEW, "x" * 200_000),
        ("", ""),
        ("\ud7ff@example.org", "\U0010ffff" * 20),
    ],
)
def test_strange_input_is_refused_with_a_sentence(client: PageClient, email: str, password: str) -> None:
    page = client.get("/registrieren")

    again = client.checked(page.form(0).submit(client, email=email, password=password), 422)

    assert again.errors


def test_an_address_with_umlauts_can_register(client: PageClient, published: Published) -> None:
    register(client, email="jörg@bücher.example")

    account = queries.by_email("jörg@bücher.example")
    assert account is not None and account.email == "jörg@bücher.example"
    assert published.one(events.RegistrationRequested).subject_id == account.id


def test_capital_letters_do_not_make_another_account(client: PageClient) -> None:
    register(client, email="Erika@Example.org")
    register(client, email="erika@example.org")

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Account)) == 1


def test_argon2_parameters_come_from_the_configuration() -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    assert not hasher.check_needs_rehash(encoded_hash(PASSWORD))


def test_every_mistake_is_named_at_once(client: PageClient) -> None:
    page = client.get("/registrieren")

    again = client.checked(page.form(0).submit(client, email="erika@", password="hanau2026"), 422)

    assert again.errors.keys() == {"email", "password"}
