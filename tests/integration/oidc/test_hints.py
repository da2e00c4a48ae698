"""What a website says about whom it expects, and in which language."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from joserfc import jwt
from joserfc.jwk import ECKey

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import keys
from servicekonto.oidc.capabilities import Algorithm
from servicekonto.oidc.models import Interaction
from tests.builders.accounts import PASSWORD, create_account, sign_in
from tests.builders.oidc import Website, agree, came_back, create_website, follow_here
from tests.support.client import PageClient

OTHER_ACCOUNT = "Standesamtsportal Musterstadt erwartet ein anderes Konto"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


def id_token_for(client: PageClient, website: Website) -> str:
    page = website.send(client, prompt="consent")
    return str(website.exchange(client, came_back(agree(client, page))["code"]).get_json()["id_token"])


def signed_here(claims: dict[str, Any], typ: str = "JWT") -> str:
    """With the key that signs ID tokens."""
    with unit_of_work(read_only=True):
        signer = keys.signing_key(Algorithm.ES256)
    header = {"alg": "ES256", "kid": signer.kid, "typ": typ}
    return jwt.encode(header, claims, signer.key, algorithms=["ES256"])


def test_the_person_who_is_meant_goes_on(client: PageClient, website: Website, erika: Account) -> None:
    hint = id_token_for(client, website)

    assert "code" in came_back(website.send(client, id_token_hint=hint))
    assert "code" in came_back(website.send(client, id_token_hint=hint, prompt="none"))


def test_an_old_token_is_as_good_a_hint(client: PageClient, website: Website, erika: Account) -> None:
    hint = id_token_for(client, website)

    with time_machine.travel(clock.now() + timedelta(minutes=30)):
        assert "code" in came_back(website.send(client, id_token_hint=hint, prompt="none"))


def test_instead_of_another_person_nobody_goes_on(
    client: PageClient, website: Website, erika: Account
) -> None:
    hint = id_token_for(client, website)
    sign_in(client, create_account(email="max@example.org"))
    id_token_for(client, website)

    assert came_back(website.send(client, id_token_hint=hint, prompt="none"))["error"] == "login_required"
    assert client.checked(website.send(client, id_token_hint=hint), 200).h1 == OTHER_ACCOUNT


def test_the_person_who_is_meant_can_sign_in_instead(
    client: PageClient, website: Website, erika: Account
) -> None:
    hint = id_token_for(client, website)
    sign_in(client, create_account(email="max@example.org"))
    page = client.checked(website.send(client, id_token_hint=hint, state="kept"), 200)

    answer = page.form(0).submit(client, button="Mit einem anderen Konto anmelden")
    page = client.checked(follow_here(client, answer), 200)
    assert page.path == "/anmelden"
    answer = page.form("/anmelden").submit(client, email="erika@example.org", password=PASSWORD)

    back = came_back(follow_here(client, answer))
    assert back["state"] == "kept" and "code" in back


def test_signing_in_as_the_wrong_one_again_helps_nothing(
    client: PageClient, website: Website, erika: Account
) -> None:
    hint = id_token_for(client, website)
    create_account(email="max@example.org")
    page = client.checked(website.send(PageClient(client.app), id_token_hint=hint), 200)
    stranger = PageClient(client.app)
    page = stranger.checked(website.send(stranger, id_token_hint=hint), 200)

    answer = page.form("/anmelden").submit(stranger, email="max@example.org", password=PASSWORD)

    page = stranger.checked(follow_here(stranger, answer), 200)
    assert page.h1 == OTHER_ACCOUNT
    back = came_back(page.form(1).submit(stranger, button="Zurück zu"))
    assert back["error"] == "access_denied"


def test_other_tokens_are_no_hint(client: PageClient, website: Website, erika: Account) -> None:
    """Signed with the same key, for the same website, about the same person."""
    good = dict(jwt.decode(id_token_for(client, website), _public_key(), algorithms=["ES256"]).claims)
    assert "code" in came_back(website.send(client, id_token_hint=signed_here(good)))
    wrong: dict[str, str] = {
        "logout token": signed_here({**good, "events": {}, "jti": "x"}, typ="logout+jwt"),
        "logout token without its type": signed_here({**good, "events": {}}),
        "access token": signed_here({**good, "client_id": website.client.client_id}, typ="at+jwt"),
        "signed UserInfo": signed_here({name: good[name] for name in ("iss", "aud", "sub")}),
        "introspection": signed_here({**good, "token_introspection": {}}),
        "for another website": signed_here({**good, "aud": create_website().client.client_id}),
        "for several": signed_here({**good, "aud": [website.client.client_id]}),
        "of another issuer": signed_here({**good, "iss": "https://evil.example"}),
        "of nobody": signed_here({name: value for name, value in good.items() if name != "sub"}),
    }

    for name, hint in wrong.items():
        back = came_back(website.send(client, id_token_hint=hint, prompt="none"))
        assert back["error"] == "invalid_request", name


@pytest.mark.parametrize("hint", ["", "x", "a.b.c", "e30.e30.", "ü", "..", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_no_hint(client: PageClient, website: Website, erika: Account, hint: str) -> None:
    assert came_back(website.send(client, id_token_hint=hint))["error"] == "invalid_request"


def test_a_token_signed_by_somebody_else_is_no_hint(
    client: PageClient, website: Website, erika: Account
) -> None:
    token = id_token_for(client, website)
    header, claims, signature = token.split(".")
    decoded = jwt.decode(token, _public_key(), algorithms=["ES256"])
    foreign = jwt.encode(decoded.header, decoded.claims, ECKey.generate_key("P-256"), algorithms=["ES256"])

    for hint in (
        foreign,
        f"{header}.{claims}.",
        f"eyJhbGciOiJub25lIn0.{claims}.",
        f"{header}.{claims}x.{signature}",
    ):
        assert came_back(website.send(client, id_token_hint=hint))["error"] == "invalid_request"


def test_an_access_token_is_no_hint(client: PageClient, website: Website, erika: Account) -> None:
    code = came_back(agree(client, website.send(client)))["code"]
    token = website.exchange(client, code).get_json()["access_token"]

    assert came_back(website.send(client, id_token_hint=token))["error"] == "invalid_request"


def test_of_the_hint_only_whom_it_names_is_kept(client: PageClient, website: Website, erika: Account) -> None:
    hint = id_token_for(client, website)
    website.send(client, id_token_hint=hint, prompt="login")

    kept = db.session.scalars(sa.select(Interaction).where(Interaction.done_at.is_(None))).one()

    assert "id_token_hint" not in kept.parameters and hint not in str(kept.parameters)
    assert kept.hinted_sub is not None


@pytest.mark.parametrize("by_post", [False, True])
def test_the_sign_in_page_begins_with_the_address_the_website_knows(
    client: PageClient, website: Website, by_post: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    given = website.parameters(login_hint="erika@example.org")
    sent = {"data": given, "method": "POST"} if by_post else {"query_string": given}
    answer = client.client.open("/oidc/authorize", **sent)
    assert "erika" not in answer.location and "erika" not in str(answer.headers)

    page = client.checked(follow_here(client, answer), 200)

    assert page.path == "/anmelden"
    assert page.form("/anmelden").values["email"] == ["erika@example.org"]
    session = client.client.get_cookie("session", domain="localhost") or client.client.get_cookie(
        "servicekonto-form", domain="localhost"
    )
    assert "erika" not in (session.decoded_value if session else "")
    assert "erika" not in capfd.readouterr().err


@pytest.mark.parametrize("hint", ["<script>", "max", "+49 123", "a@b\n", "x" * 2000, "\u202ea@example.org"])
def test_what_is_no_address_is_left_aside(client: PageClient, website: Website, hint: str) -> None:
    page = client.checked(website.send(client, login_hint=hint), 200)

    assert page.form("/anmelden").values["email"] == [""]


def test_a_later_request_does_not_begin_with_the_address_of_an_earlier_one(
    client: PageClient, website: Website
) -> None:
    website.send(client, login_hint="erika@example.org")

    page = client.checked(website.send(client), 200)

    assert page.form("/anmelden").values["email"] == [""]


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("en", "en"),
        ("en-GB de", "en"),
        ("fr tr en", "en"),
        ("de-AT en", "de"),
        ("fr", "de"),
        ("", "de"),
        ("EN", "en"),
    ],
)
def test_the_website_chooses_the_language_for_who_has_chosen_none(
    client: PageClient, website: Website, asked: str, language: str
) -> None:
    page = client.checked(website.send(client, ui_locales=asked), 200)

    assert page.select_one("html")["lang"] == language


def test_the_page_of_consent_is_in_that_language_too(
    client: PageClient, website: Website, erika: Account
) -> None:
    page = client.checked(website.send(client, ui_locales="en", scope="openid profile"), 200)
    assert page.select_one("html")["lang"] == "en"
    assert "You order certificates from Musterstadt." in page.text

    page.form(page.path).submit(client, button="Agree")

    assert client.get("/konto").select_one("html")["lang"] == "de"  # it was for this request


def test_what_the_person_has_chosen_counts_more(client: PageClient, website: Website, erika: Account) -> None:
    with unit_of_work():
        db.session.get_one(Account, erika.id).language = "de"

    assert client.checked(website.send(client, ui_locales="en"), 200).select_one("html")["lang"] == "de"


@pytest.mark.parametrize(
    "further",
    [
        {"display": "page"},
        {"display": "popup"},
        {"claims_locales": "de en"},
        {"extra": "foobar"},
        {"display": "?"},
    ],
)
def test_what_makes_no_difference_makes_none(
    client: PageClient, website: Website, erika: Account, further: dict[str, str]
) -> None:
    agree(client, website.send(client))

    assert "code" in came_back(website.send(client, prompt="none", **further))


def _public_key() -> ECKey:
    with unit_of_work(read_only=True):
        published = keys.public_jwks()["keys"]
        signer = keys.signing_key(Algorithm.ES256)
    found = next(key for key in published if key["kid"] == signer.kid)
    return ECKey.import_key(found)
