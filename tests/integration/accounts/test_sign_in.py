import dataclasses
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts import events, queries, sessions
from servicekonto.accounts.models import AccountKind, LoginSession
from servicekonto.core import clock, settings
from servicekonto.core.db import db, unit_of_work
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, encoded_hash, is_signed_in, sign_in
from tests.builders.factors import create_totp
from tests.support.client import PageClient
from tests.support.page import Page
from tests.support.published import Published

EMAIL = "erika@example.org"
WRONG = "ganz falsches passwort hier"


def submit(client: PageClient, email: str = EMAIL, password: str = PASSWORD, **options: Any) -> Any:
    page = client.get("/anmelden")
    return page.form("/anmelden").submit(client, email=email, password=password, **options)


def cookie(client: PageClient, name: str = "servicekonto") -> str | None:
    found = client.client.get_cookie(name, domain="localhost")
    return found.value if found else None


def test_the_right_password_leads_to_the_account(client: PageClient) -> None:
    create_account(email=EMAIL, values={"given_names": "Erika", "family_name": "Mustermann"})

    with Published.of(events.SignedIn) as published:
        page = client.follow(submit(client))

    assert page.h1 == "Konto"
    assert "Erika Mustermann" in page.text
    assert len(published.events) == 1


def test_a_wrong_password_keeps_the_address_but_not_the_password(client: PageClient) -> None:
    create_account(email=EMAIL)

    page = client.checked(submit(client, password=WRONG), 422)

    assert "Das stimmt so nicht" in page.text
    assert page.select_one("#email")["value"] == EMAIL
    assert WRONG not in page.response.text
    assert cookie(client) is None


@pytest.fixture
def four_people() -> list[str]:
    create_account(email="known@example.org")
    create_account(email="locked@example.org", locked_at=SOME_DAY)
    create_account(email="unconfirmed@example.org", confirmed_at=None)
    return [f"{who}@example.org" for who in ("unknown", "known", "unconfirmed", "locked")]


def test_nobody_learns_from_the_answer_whether_there_is_an_account(
    client: PageClient, four_people: list[str]
) -> None:
    answers = [submit(client, email=email, password=WRONG) for email in four_people]

    assert {answer.status_code for answer in answers} == {422}
    assert (
        len({but_for_tokens(answer, email) for answer, email in zip(answers, four_people, strict=True)}) == 1
    )
    assert len({frozenset(answer.headers.keys()) for answer in answers}) == 1


def but_for_tokens(answer: Any, email: str) -> str:
    text: str = answer.text.replace(email, "EMAIL")
    page = Page(answer)
    for field in page.select("input[name=csrf_token]"):
        text = text.replace(str(field["value"]), "TOKEN")
    for script in page.select("script[nonce]"):
        text = text.replace(str(script["nonce"]), "NONCE")
    return text


@pytest.mark.parametrize("password", [WRONG, PASSWORD])
@pytest.mark.parametrize("who", range(4))
def test_exactly_one_hash_is_computed(
    client: PageClient, four_people: list[str], hashes: list[str], who: int, password: str
) -> None:
    hashes.clear()

    submit(client, email=four_people[who], password=password)

    assert len(hashes) == 1


def test_the_right_password_of_an_unconfirmed_or_locked_account_is_wrong_too(
    client: PageClient, four_people: list[str]
) -> None:
    for email in ("unconfirmed@example.org", "locked@example.org"):
        assert submit(client, email=email).status_code == 422


def test_composed_and_decomposed_letters_are_the_same_password(client: PageClient) -> None:
    create_account(email=EMAIL, password="köln mäuse tröte übung")

    assert submit(client, password="ko\u0308ln ma\u0308use tro\u0308te u\u0308bung").status_code == 303


def test_a_hash_of_other_costs_is_renewed(client: PageClient, app: Servicekonto, hashes: list[str]) -> None:
    before = encoded_hash(PASSWORD)
    account = create_account(email=EMAIL)
    config = settings.settings()
    settings.install(app, dataclasses.replace(config, argon2_passes=2))
    try:
        submit(client)
    finally:
        settings.install(app, config)

    credential = queries.password_credential(account)
    assert credential is not None
    db.session.refresh(credential)
    assert credential.encoded_hash != before and "t=2" in credential.encoded_hash


def test_a_hash_of_other_costs_does_not_tell_that_only_the_code_was_wrong(
    client: PageClient, app: Servicekonto, hashes: list[str]
) -> None:
    encoded_hash(PASSWORD)
    create_totp(create_account(email=EMAIL))
    config = settings.settings()
    settings.install(app, dataclasses.replace(config, argon2_passes=2))
    hashes.clear()
    try:
        assert submit(client).status_code == 422
    finally:
        settings.install(app, config)

    assert hashes == ["verify"]


def test_signing_in_gives_a_new_token_and_kills_the_old_one(client: PageClient) -> None:
    account = create_account(email=EMAIL)
    old = sign_in(client, account)

    client.client.get("/konto")
    submit(client)

    assert cookie(client) not in {None, old}
    assert sessions.load(old, clock.now()) is None
    assert is_signed_in(client)


def test_a_token_from_outside_is_never_taken_over(client: PageClient) -> None:
    create_account(email=EMAIL)
    planted = "A" * 43
    client.client.set_cookie("servicekonto", planted, domain="localhost")

    submit(client)

    assert cookie(client) != planted


@pytest.mark.parametrize("value", ["", "x", "ü" * 43, "A" * 43, "A" * 3000, "'; drop table account; --"])
def test_a_strange_cookie_is_nobody(client: PageClient, value: str) -> None:
    client.client.set_cookie("servicekonto", value, domain="localhost")

    assert client.client.get("/konto").status_code == 303
    assert client.client.get("/anmelden").status_code == 200


def test_the_cookie_dies_with_the_browser_and_scripts_cannot_read_it(client: PageClient) -> None:
    create_account(email=EMAIL)

    header = next(c for c in submit(client).headers.getlist("Set-Cookie") if c.startswith("servicekonto="))

    attributes = {part.strip().split("=")[0] for part in header.split(";")[1:]}
    assert attributes == {"HttpOnly", "Path", "SameSite"}
    assert "SameSite=Lax" in header and "Path=/" in header


def test_over_https_the_cookie_is_bound_to_the_host(client: PageClient, app: Servicekonto) -> None:
    create_account(email=EMAIL)
    config = settings.settings()
    page = client.get("/anmelden")
    settings.install(app, dataclasses.replace(config, base_url="https://localhost"))
    try:
        answer = page.form("/anmelden").submit(client, email=EMAIL, password=PASSWORD)
    finally:
        settings.install(app, config)

    header = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("__Host-servicekonto="))
    assert "Secure" in header and "Domain" not in header


def test_the_token_is_nowhere_in_the_database(client: PageClient) -> None:
    create_account(email=EMAIL)
    submit(client)
    token = cookie(client)

    row = db.session.scalars(sa.select(LoginSession)).one()

    assert token is not None
    assert token.encode() not in row.token_hash and len(row.token_hash) == 32


def test_signing_in_returns_to_the_wanted_page(client: PageClient) -> None:
    create_account(email=EMAIL)

    page = client.follow(client.client.get("/konto/daten?von=antrag"))
    assert "Bitte melden Sie sich an" in page.messages[0]
    answer = page.form("/anmelden").submit(client, email=EMAIL, password=PASSWORD)

    assert answer.location == "/konto/daten?von=antrag"


@pytest.mark.parametrize(
    "target",
    [
        *("https://evil.example/", "https:evil", "//evil.example", "/\\evil.example", "\\\\evil.example"),
        *("/\t/evil.example", "/ /evil.example", " //evil.example", "/a\r\nb", "javascript:alert(1)", "", 7),
    ],
)
def test_a_wanted_page_elsewhere_is_ignored(client: PageClient, target: object) -> None:
    create_account(email=EMAIL)
    page = client.get("/anmelden")
    with client.client.session_transaction() as session:
        session["wanted"] = target

    answer = page.form("/anmelden").submit(client, email=EMAIL, password=PASSWORD)

    assert answer.location == "/konto"


def test_a_next_parameter_is_ignored(client: PageClient) -> None:
    create_account(email=EMAIL)
    page = client.get("/anmelden?next=https://evil.example/")

    answer = page.form(0).submit(client, email=EMAIL, password=PASSWORD)

    assert answer.location == "/konto"


def test_flasks_cookie_is_emptied_at_sign_in(client: PageClient) -> None:
    create_account(email=EMAIL)
    submit(client)

    with client.client.session_transaction() as session:
        assert not {"_user_id", "_id", "_fresh", "wanted", "csrf_token"} & session.keys()


def test_signing_out_ends_the_session_at_once(client: PageClient) -> None:
    token = sign_in(client, create_account())
    page = client.get("/abmelden")

    answer = page.form(0).submit(client)

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.follow(answer).h1 == "Sie sind abgemeldet"
    client.client.set_cookie("servicekonto", token, domain="localhost")
    assert not is_signed_in(client)


def test_a_signed_in_person_is_not_asked_again(client: PageClient, app: Servicekonto) -> None:
    sign_in(client, create_account())
    app.config["SERVICEKONTO"], before = (
        dataclasses.replace(settings.settings(), mode=settings.settings().mode.__class__.PRODUCTION),
        settings.settings(),
    )
    try:
        assert client.client.get("/anmelden").location == "/konto"
    finally:
        settings.install(app, before)


def test_an_idle_session_says_so_and_returns_to_the_page(client: PageClient) -> None:
    account = create_account(email=EMAIL)
    sign_in(client, account, at=clock.now() - timedelta(minutes=61))

    page = client.follow(client.client.get("/konto/passwort"))

    assert "Sie waren lange nicht aktiv" in page.messages[0]
    answer = page.form("/anmelden").submit(client, email=EMAIL, password=PASSWORD)
    assert answer.location == "/konto/passwort"


def test_a_form_sent_too_late_returns_to_its_page(client: PageClient) -> None:
    account = create_account(email=EMAIL, agrees=True)
    sign_in(client, account)
    page = client.get("/konto/daten")
    with unit_of_work():
        sessions.end_all(account, at=clock.now())

    late = page.form("/konto/daten")
    answer = client.client.post(
        "/konto/daten", data=late.values, headers={"Referer": "http://localhost/konto/daten"}
    )
    answer = client.follow(answer).form("/anmelden").submit(client, email=EMAIL, password=PASSWORD)

    assert answer.location == "/konto/daten"


def test_an_account_locked_meanwhile_is_signed_out(client: PageClient) -> None:
    account = create_account()
    sign_in(client, account)
    assert is_signed_in(client)

    with unit_of_work():
        db.session.refresh(account)
        account.locked_at = SOME_DAY

    assert not is_signed_in(client)


def test_who_is_signed_in_is_found_with_one_query(client: PageClient, queries: list[str]) -> None:
    sign_in(client, create_account())
    queries.clear()

    client.get("/hilfe")

    assert len([statement for statement in queries if "account" in statement.split("WHERE")[0]]) == 1


def test_in_a_demonstration_one_click_is_enough(client: PageClient) -> None:
    create_account(email=EMAIL, demo_label="Erika Mustermann, Bürgerin")
    create_account(kind=AccountKind.STAFF, demo_label="Sachbearbeitung Standesamt Hanau")
    page = client.get("/anmelden")

    forms = page.select("form[action='/anmelden/demo']")
    assert len(forms) == 2
    answer = client.client.post("/anmelden/demo", data={**page_values(page, 0)})

    assert answer.status_code == 303
    assert is_signed_in(client)


def page_values(page: Page, which: int) -> dict[str, str]:
    form = page.select("form[action='/anmelden/demo']")[which]
    return {str(field["name"]): str(field["value"]) for field in form.select("input")}


def test_other_accounts_cannot_be_entered_by_a_click(client: PageClient) -> None:
    demo = create_account(demo_label="Erika Mustermann, Bürgerin")
    other = create_account()
    values = page_values(client.get("/anmelden"), 0)
    for account_id in (str(other.id), "", "x", str(demo.id)[:-1], "\0"):
        answer = client.client.post("/anmelden/demo", data={**values, "account_id": account_id})
        assert answer.status_code == 404


def test_outside_a_demonstration_there_is_no_such_page(client: PageClient, app: Servicekonto) -> None:
    account = create_account(demo_label="Erika Mustermann, Bürgerin")
    values = page_values(client.get("/anmelden"), 0)
    before = settings.settings()
    production = type(before.mode)("production")
    settings.install(app, dataclasses.replace(before, mode=production))
    try:
        answer = client.client.post("/anmelden/demo", data={**values, "account_id": str(account.id)})
    finally:
        settings.install(app, before)

    assert answer.status_code == 404


def test_signing_in_again_in_the_same_browser_takes_seven_statements(
    client: PageClient, queries: list[str]
) -> None:
    create_account(email=EMAIL)
    submit(client)
    form = client.get("/anmelden").form("/anmelden")
    queries.clear()

    form.submit(client, email=EMAIL, password=PASSWORD)

    assert len(queries) == 7 + 2, queries  # two more end the session that this browser had


def test_all_throttles_of_an_attempt_are_one_statement(client: PageClient, queries: list[str]) -> None:
    form = client.get("/anmelden").form("/anmelden")
    queries.clear()

    form.submit(client, email="niemand@example.org", password=WRONG)

    assert sum("login_throttle" in statement for statement in queries) == 1
