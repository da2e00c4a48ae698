from collections.abc import Iterator

import pytest

from servicekonto.accounts import commands, events, queries, sessions
from servicekonto.accounts.models import Account, AssuranceLevel
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import InvalidInputError
from servicekonto.core.ids import new_id
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, sign_in
from tests.support.client import PageClient
from tests.support.published import Published

NEW = "lampe keller tasse fahrrad"
ERIKA = {
    "salutation": "ms",
    "given_names": "Erika Zoë",
    "family_name": "Mustermann-Łukasz",
    "birth_name": "Gabler",
    "birth_date-tag": "12",
    "birth_date-monat": "8",
    "birth_date-jahr": "1964",
    "birth_place": "Hanau",
    "street": "Beispielweg",
    "house_number": "7 a",
    "postcode": "63450",
    "place": "Hanau",
    "country": "DE",
    "phone": "06181 123456",
}


@pytest.fixture
def erika(client: PageClient) -> Account:
    account = create_account(email="erika@example.org", agrees=True)
    sign_in(client, account)
    return account


def reread(account: Account) -> Account:
    db.session.expire_all()
    return queries.get(account.id)


def test_personal_data_are_kept_for_forms(client: PageClient, erika: Account) -> None:
    page = client.get("/konto/daten")

    done = client.follow(page.form("/konto/daten").submit(client, ERIKA))

    assert done.messages == ["Ihre Angaben sind gespeichert."]
    assert queries.prefill_values(reread(erika)) == {
        "account.salutation": "ms",
        "account.given_names": "Erika Zoë",
        "account.family_name": "Mustermann-Łukasz",
        "account.birth_name": "Gabler",
        "account.birth_date": "1964-08-12",
        "account.birth_place": "Hanau",
        "account.address": {
            "street": "Beispielweg",
            "house_number": "7 a",
            "postcode": "63450",
            "place": "Hanau",
            "country": "DE",
        },
        "account.phone": "+496181123456",
        "account.email": "erika@example.org",
    }
    assert queries.display_name(reread(erika)) == "Erika Zoë Mustermann-Łukasz"
    again = client.get("/konto/daten").form("/konto/daten")
    assert {name: again.values[name][0] for name in ERIKA} == ERIKA | {"phone": "+496181123456"}


def test_emptied_fields_are_removed(client: PageClient, erika: Account) -> None:
    client.get("/konto/daten").form("/konto/daten").submit(client, ERIKA)
    empty = dict.fromkeys(ERIKA, "") | {"country": "DE"}

    client.get("/konto/daten").form("/konto/daten").submit(client, empty)

    assert queries.prefill_values(reread(erika)) == {"account.email": "erika@example.org"}
    assert queries.display_name(reread(erika)) == "erika@example.org"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("birth_date-tag", "31", None),
        ("birth_date-tag", "32", "birth_date"),
        ("birth_date-monat", "", "birth_date"),
        ("birth_date-jahr", "2999", "birth_date"),
        ("birth_date-jahr", "1700", "birth_date"),
        ("birth_date-jahr", "²²²²", "birth_date"),
        ("postcode", "6345", "postcode"),
        ("phone", "keine", "phone"),
        ("given_names", "x" * 121, "given_names"),
        ("family_name", "a\0b", "family_name"),
    ],
)
def test_mistakes_are_named_and_nothing_typed_is_lost(
    client: PageClient, erika: Account, field: str, value: str, error: str | None
) -> None:
    typed = ERIKA | {field: value}
    answer = client.get("/konto/daten").form("/konto/daten").submit(client, typed)
    if error is None:
        assert answer.status_code == 303
        return

    page = client.checked(answer, 422)

    assert error in page.errors
    kept = page.form("/konto/daten").values
    assert {name: kept[name][0] for name in typed if "\0" not in typed[name]} == {
        name: text for name, text in typed.items() if "\0" not in text
    }
    assert queries.prefill_values(reread(erika)) == {"account.email": "erika@example.org"}


def test_a_country_that_is_not_offered_is_refused(client: PageClient, erika: Account) -> None:
    page = client.get("/konto/daten")
    token = page.form("/konto/daten").values["csrf_token"]

    answer = client.client.post("/konto/daten", data={"csrf_token": token, "country": "XX"})

    assert answer.status_code == 422


def test_verified_data_cannot_be_overwritten(erika: Account) -> None:
    with unit_of_work():
        commands.save_personal_data(erika, {"family_name": "Mustermann"}, by=erika, at=SOME_DAY)
        erika.attributes[0].level = AssuranceLevel.SUBSTANTIAL

    with pytest.raises(InvalidInputError) as caught, unit_of_work():
        commands.save_personal_data(erika, {"family_name": "Meier"}, by=erika, at=SOME_DAY)

    assert list(caught.value.errors) == ["family_name"]


def test_saving_the_same_again_says_nothing(erika: Account) -> None:
    with Published.of(events.PersonalDataChanged) as published:
        for _ in range(2):
            with unit_of_work():
                commands.save_personal_data(erika, {"given_names": "Erika"}, by=erika, at=SOME_DAY)

    assert published.one(events.PersonalDataChanged).names == ("given_names",)


@pytest.fixture
def changed() -> Iterator[Published]:
    with Published.of(events.PasswordChanged) as published:
        yield published


def test_changing_the_password_ends_the_other_sessions(
    client: PageClient, erika: Account, changed: Published
) -> None:
    other = sign_in(client.app.test_client(), erika)
    mine = client.client.get_cookie("servicekonto", domain="localhost")
    page = client.get("/konto/passwort")

    done = client.follow(
        page.form("/konto/passwort").submit(client, current_password=PASSWORD, new_password=NEW)
    )

    assert done.h1 == "Konto"
    assert not changed.one(events.PasswordChanged).by_reset
    assert sessions.load(other, clock.now()) is None
    assert mine is not None and sessions.load(mine.value, clock.now()) is None


def test_a_password_is_changed_with_two_hashes_and_no_transaction_open(
    client: PageClient, erika: Account, hashes: list[str]
) -> None:
    form = client.get("/konto/passwort").form("/konto/passwort")
    hashes.clear()

    form.submit(client, current_password=PASSWORD, new_password=NEW)

    assert hashes == ["verify", "hash"]


def test_the_current_password_must_be_right(client: PageClient, erika: Account, changed: Published) -> None:
    form = client.get("/konto/passwort").form("/konto/passwort")

    page = client.checked(form.submit(client, current_password=NEW, new_password=NEW), 422)

    assert page.errors == {"current_password": "Das ist nicht Ihr jetziges Passwort."}
    assert changed.events == []
    assert NEW not in page.response.text


def test_guessing_the_current_password_is_throttled(client: PageClient, erika: Account) -> None:
    form = client.get("/konto/passwort").form("/konto/passwort")

    statuses = [form.submit(client, current_password=NEW, new_password=NEW).status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]


def test_the_new_password_must_not_be_the_own_name(client: PageClient, erika: Account) -> None:
    with unit_of_work():
        commands.save_personal_data(reread(erika), {"family_name": "Quastenflosser"}, by=erika, at=SOME_DAY)
    form = client.get("/konto/passwort").form("/konto/passwort")

    page = client.checked(
        form.submit(client, current_password=PASSWORD, new_password="quastenflosser2026"), 422
    )

    assert "Ihrem Namen" in page.errors["new_password"]


def test_the_owner_sees_the_devices_and_ends_one(client: PageClient, erika: Account) -> None:
    other = sign_in(client.app.test_client(), erika)
    page = client.get("/konto")
    assert len(page.select("tbody tr")) == 2
    session = sessions.load(other, clock.now())
    assert session is not None

    client.follow(page.form(f"/konto/sitzungen/{session.id}/beenden").submit(client))

    assert sessions.load(other, clock.now()) is None
    assert client.get("/konto").h1 == "Konto"


def test_the_owner_ends_all_other_sessions(client: PageClient, erika: Account) -> None:
    other = sign_in(client.app.test_client(), erika)
    page = client.get("/konto")

    client.follow(page.form("/konto/sitzungen/beenden").submit(client))

    assert sessions.load(other, clock.now()) is None
    assert len(client.get("/konto").select("tbody tr")) == 1


def test_ending_the_own_session_signs_out(client: PageClient, erika: Account) -> None:
    page = client.get("/konto")

    done = client.follow(page.form("/beenden").submit(client))

    assert done.h1 == "Sie sind abgemeldet"


def test_foreign_and_unknown_sessions_are_not_found_alike(client: PageClient, erika: Account) -> None:
    foreign = sessions.load(sign_in(client.app.test_client(), create_account()), clock.now())
    assert foreign is not None
    token = client.get("/konto").form("/beenden").values["csrf_token"]

    bodies = {
        client.client.post(f"/konto/sitzungen/{session_id}/beenden", data={"csrf_token": token}).status_code
        for session_id in (foreign.id, new_id())
    }

    assert bodies == {404}
    assert sessions.is_running(foreign, at=clock.now())


def test_at_most_ten_sessions_are_open(erika: Account) -> None:
    for _ in range(12):
        with unit_of_work():
            sessions.start(erika.id, AssuranceLevel.LOW, clock.now())

    assert len(sessions.running_sessions(erika, at=clock.now())) == sessions.MOST_SESSIONS
