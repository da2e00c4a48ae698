"""A website wants its visitor signed out (OpenID Connect RP-Initiated Logout 1.0)."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from joserfc import jws, jwt
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from servicekonto.accounts import sessions
from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.oidc import clients, keys, logout_tokens
from servicekonto.oidc.capabilities import Algorithm
from servicekonto.oidc.models import Grant
from tests.builders.accounts import create_account, sign_in
from tests.builders.logout import (
    AFTERWARDS,
    STATE,
    claims_of,
    create_website_with_logout,
    end_session,
    id_token_for,
)
from tests.builders.oidc import Website, came_back
from tests.support.client import PageClient
from tests.support.page import Page


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def website() -> Website:
    return create_website_with_logout()


@pytest.fixture
def erika(client: PageClient) -> Account:
    account = create_account(email="erika@example.org")
    sign_in(client, account)
    return account


@pytest.fixture
def hint(client: PageClient, website: Website, erika: Account) -> str:
    return id_token_for(client, website)


def is_signed_in(client: PageClient) -> bool:
    return client.client.get("/konto").status_code == 200


def assert_went_back(answer: TestResponse, state: str | None = None) -> None:
    assert answer.status_code == 303
    address, _, query = answer.location.partition("?")
    assert address == AFTERWARDS
    assert parse_qs(query, strict_parsing=bool(query)) == ({"state": [state]} if state else {})


def assert_page(client: PageClient, answer: TestResponse, status: int = 200) -> Page:
    """Never on to another website."""
    page = client.checked(answer, status)
    assert AFTERWARDS not in str(answer.headers)
    return page


def confirm(client: PageClient, page: Page) -> TestResponse:
    return page.form("/oidc/abmelden").submit(client)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_website_that_knows_who_is_there_signs_out_at_once_and_gets_its_state_back(
    client: PageClient, website: Website, hint: str, method: str
) -> None:
    answer = end_session(
        client, method=method, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS, state=STATE
    )

    assert_went_back(answer, STATE)
    assert not is_signed_in(client)
    assert came_back(website.send(client, prompt="none"))["error"] == "login_required"


def test_without_state_none_comes_back(client: PageClient, hint: str) -> None:
    assert_went_back(end_session(client, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS))


def test_a_query_that_was_registered_stays(client: PageClient, erika: Account) -> None:
    website = create_website_with_logout(post_logout_redirect_uris=[AFTERWARDS + "?a=b"])
    hint = id_token_for(client, website)

    answer = end_session(
        client, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS + "?a=b", state="x y"
    )

    assert answer.location == AFTERWARDS + "?a=b&state=x+y"


def test_the_token_and_the_state_stand_in_no_address_of_ours(
    client: PageClient, website: Website, hint: str
) -> None:
    answer = client.client.get(
        "/oidc/end_session",
        query_string={"id_token_hint": hint, "post_logout_redirect_uri": AFTERWARDS, "state": "geheim"},
    )

    assert hint not in answer.location and "geheim" not in answer.location
    assert "website.example" not in answer.location


def test_with_a_hint_alone_the_page_says_that_nobody_is_signed_in(client: PageClient, hint: str) -> None:
    page = client.follow(end_session(client, id_token_hint=hint))

    assert page.h1 == "Sie sind abgemeldet"
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"state": STATE},
        {"logout_hint": "erika@example.org", "ui_locales": "de en"},
        {"unknown": "value"},
        {"id_token_hint": "", "client_id": ""},
    ],
    ids=["nothing", "state alone", "hints of another kind", "unknown", "empty"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_toy_22_without_a_hint_the_person_is_asked_first(
    client: PageClient, erika: Account, parameters: dict[str, str], method: str
) -> None:
    """Logout CSRF: any page could make the browser ask for this."""
    page = assert_page(client, end_session(client, method=method, **parameters))
    assert is_signed_in(client)
    assert "erika@example.org" in page.text

    page = client.follow(confirm(client, page))

    assert page.h1 == "Sie sind abgemeldet"
    assert not is_signed_in(client)


def test_no_address_without_hint_and_client_id(client: PageClient, website: Website, erika: Account) -> None:
    page = assert_page(
        client, end_session(client, post_logout_redirect_uri=AFTERWARDS, state=STATE), status=400
    )

    answer = confirm(client, page)

    assert answer.location == "/abmelden"


def test_who_was_asked_first_comes_back_to_the_website_that_said_who_it_is(
    client: PageClient, website: Website, erika: Account
) -> None:
    asked = {"client_id": website.client.client_id, "post_logout_redirect_uri": AFTERWARDS, "state": STATE}
    answer = end_session(client, **asked)
    page = assert_page(client, answer)
    assert "Standesamtsportal Musterstadt" in page.text
    assert "form-action 'self' https://website.example;" in answer.headers["Content-Security-Policy"]

    assert_went_back(confirm(client, page), STATE)
    assert not is_signed_in(client)


def test_the_page_that_asks_wants_the_token_of_its_form(client: PageClient, erika: Account) -> None:
    answer = client.client.post("/oidc/abmelden", data={"vorgang": ""})

    assert answer.status_code == 403
    assert is_signed_in(client)


def test_who_stays_stays_signed_in(client: PageClient, erika: Account) -> None:
    page = assert_page(client, end_session(client))

    assert page.select("a[href='/konto']")
    assert is_signed_in(client)


def test_the_hint_of_somebody_else_signs_nobody_out_unasked(
    client: PageClient, website: Website, hint: str
) -> None:
    somebody = PageClient(client.app)
    sign_in(somebody, create_account())

    page = assert_page(
        somebody, end_session(somebody, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS)
    )

    assert is_signed_in(somebody) and is_signed_in(client)
    assert_went_back(confirm(somebody, page))
    assert is_signed_in(client)


def test_the_hint_of_another_website_about_the_same_person_is_a_word_too(
    client: PageClient, website: Website, hint: str
) -> None:
    other = create_website_with_logout()

    assert_went_back(
        end_session(client, id_token_hint=id_token_for(client, other), post_logout_redirect_uri=AFTERWARDS)
    )


def test_a_hint_of_an_earlier_session_of_the_same_person_counts(
    client: PageClient, hint: str, erika: Account
) -> None:
    with unit_of_work():
        sessions.end_all(erika, at=clock.now())
    sign_in(client, erika)

    assert_went_back(end_session(client, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS))
    assert not is_signed_in(client)


def test_a_hint_may_have_run_out(client: PageClient, hint: str) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=50)):
        assert_went_back(end_session(client, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS))
        assert not is_signed_in(client)


def test_whose_session_ran_out_goes_back_to_the_website(client: PageClient, hint: str) -> None:
    with time_machine.travel(clock.now() + timedelta(days=2)):
        answer = end_session(client, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS, state="x")

    assert_went_back(answer, "x")


def test_signing_out_twice_or_with_the_back_button_is_no_error(client: PageClient, hint: str) -> None:
    given = {"id_token_hint": hint, "post_logout_redirect_uri": AFTERWARDS}
    page = client.client.get("/oidc/end_session", query_string=given).location
    client.client.get(page)

    assert_went_back(client.client.get(page))
    assert_went_back(end_session(client, **given))


def test_a_second_tab_that_still_asks_is_no_error_after_the_first_has_signed_out(
    client: PageClient, website: Website, erika: Account
) -> None:
    asked = {"client_id": website.client.client_id, "post_logout_redirect_uri": AFTERWARDS}
    first, second = (client.checked(end_session(client, **asked), 200) for _tab in range(2))

    assert_went_back(confirm(client, first))
    assert_went_back(confirm(client, second))


def test_nobody_signed_in_and_no_hint_leads_nowhere_by_itself(client: PageClient, website: Website) -> None:
    page = assert_page(
        client,
        end_session(
            client, client_id=website.client.client_id, post_logout_redirect_uri=AFTERWARDS, state="x"
        ),
    )

    assert page.h1 == "Sie sind abgemeldet"
    assert page.select(f"a[href='{AFTERWARDS}?state=x']")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        AFTERWARDS + "?foo=bar",
        AFTERWARDS + "/",
        AFTERWARDS + "#x",
        AFTERWARDS + "/../abgemeldet",
        AFTERWARDS.upper(),
        " " + AFTERWARDS,
        "javascript:alert(1)",
        "//website.example/abgemeldet",
        "/konto",
        "https://website.example/callback",
    ],
)
def test_toy_22_no_address_but_a_registered_one_is_led_to(
    client: PageClient, website: Website, hint: str, address: str
) -> None:
    page = assert_page(
        client, end_session(client, id_token_hint=hint, post_logout_redirect_uri=address, state=STATE), 400
    )
    assert "post_logout_redirect_uri is not registered" in page.text

    assert confirm(client, page).location == "/abmelden"


def unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def of_another_key(token: str) -> str:
    key = ECKey.generate_key("P-256")
    header = {"alg": "ES256", "kid": key.thumbprint()}
    return jwt.encode(header, claims_of(token), key, algorithms=["ES256"])


def ours(token: str, kind: str | None = "JWT", **changes: Any) -> str:
    """Signed with our key, as if it were another kind of token."""
    claims = {name: value for name, value in (claims_of(token) | changes).items() if value is not None}
    signer = keys.signing_key(Algorithm.ES256)
    header = {"alg": "ES256", "kid": signer.kid} | ({"typ": kind} if kind else {})
    return jws.serialize_compact(header, json.dumps(claims), signer.key, algorithms=["ES256"])


def with_other_claims(token: str) -> str:
    head, _, signature = token.split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims_of(token) | {"sub": "x"}).encode()).rstrip(b"=")
    return f"{head}.{body.decode()}.{signature}"


def signed_with_the_public_key(token: str) -> str:
    """HS256 with what everybody can read."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}.{'A' * 43}"


@pytest.mark.parametrize(
    "broken",
    [
        unsigned,
        of_another_key,
        with_other_claims,
        signed_with_the_public_key,
        lambda token: token[:-4] + "AAAA",
        lambda token: token + ".x",
        lambda _token: "kein.jwt.hier",
        lambda _token: "ü" * 20,
        lambda _token: "x" * 9000,
        lambda _token: ".".join(["e30"] * 5),
        lambda token: ours(token, iss="https://evil.example"),
        lambda token: ours(token, aud="unbekannt"),
        lambda token: ours(token, aud=[claims_of(token)["aud"]]),
        lambda token: ours(token, sub=7),
    ],
    ids=[
        *("alg none", "another key", "other claims", "HS256", "another signature", "four parts", "no JWT"),
        *("not ASCII", "too long", "JWE", "another issuer", "unknown website", "list", "no text"),
    ],
)
def test_a_hint_that_is_not_ours_leads_nowhere_and_signs_nobody_out(
    client: PageClient, website: Website, hint: str, broken: Callable[[str], str]
) -> None:
    page = assert_page(
        client,
        end_session(
            client,
            id_token_hint=broken(hint),
            client_id=website.client.client_id,
            post_logout_redirect_uri=AFTERWARDS,
            state=STATE,
        ),
        status=400,
    )

    assert is_signed_in(client)
    assert confirm(client, page).location == "/abmelden"


@pytest.mark.parametrize(
    "made",
    [
        lambda hint: ours(hint, kind="at+jwt"),
        lambda hint: ours(hint, kind="logout+jwt"),
        lambda hint: ours(hint, kind="token-introspection+jwt"),
        lambda hint: ours(hint, kind=None),
        lambda hint: ours(hint, auth_time=None, sid=None),  # as signed answers of UserInfo
        lambda hint: ours(hint, events={"http://schemas.openid.net/event/backchannel-logout": {}}),
    ],
    ids=["access token", "logout token", "introspection", "no kind", "UserInfo", "events"],
)
def test_defect_19_nothing_but_an_id_token_is_a_hint(
    client: PageClient, hint: str, made: Callable[[str], str]
) -> None:
    """Authlib's own endpoint looks at the signature alone."""
    assert_page(
        client, end_session(client, id_token_hint=made(hint), post_logout_redirect_uri=AFTERWARDS), 400
    )
    assert is_signed_in(client)


def test_defect_19_a_logout_token_is_no_hint(client: PageClient, hint: str) -> None:
    with unit_of_work():
        grant = db.session.query(Grant).one()
        token = logout_tokens.logout_token(grant, at=clock.now())

    assert_page(client, end_session(client, id_token_hint=token, post_logout_redirect_uri=AFTERWARDS), 400)


def test_defect_18_the_hint_alone_says_which_website_asks(
    client: PageClient, website: Website, hint: str
) -> None:
    """Authlib's ID tokens have a list as ``aud``, in which its own end_session finds no client."""
    assert claims_of(hint)["aud"] == website.client.client_id

    assert_went_back(end_session(client, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS))


def test_the_client_id_has_to_be_the_one_of_the_hint(client: PageClient, website: Website, hint: str) -> None:
    other = create_website_with_logout()

    answer = end_session(
        client,
        id_token_hint=hint,
        client_id=other.client.client_id,
        post_logout_redirect_uri=AFTERWARDS,
    )

    assert_page(client, answer, 400)
    assert is_signed_in(client)


def test_a_disabled_website_leads_nowhere(client: PageClient, website: Website, hint: str) -> None:
    given = {"id_token_hint": hint, "post_logout_redirect_uri": AFTERWARDS}
    before = client.client.get("/oidc/end_session", query_string=given).location
    with unit_of_work():
        clients.disable(website.client, by=None, at=clock.now())

    assert_page(client, end_session(client, **given), 400)
    assert_page(client, client.client.get(before))


def test_an_address_that_is_no_longer_registered_is_not_led_to(
    client: PageClient, website: Website, hint: str
) -> None:
    given = {"client_id": website.client.client_id, "post_logout_redirect_uri": AFTERWARDS}
    page = assert_page(client, end_session(client, **given))
    with unit_of_work():
        website.client.post_logout_redirect_uris = ["https://website.example/neu"]

    assert confirm(client, page).location == "/abmelden"


def test_a_request_lasts_ten_minutes(client: PageClient, website: Website, hint: str) -> None:
    given = {"id_token_hint": hint, "post_logout_redirect_uri": AFTERWARDS}
    page = client.client.get("/oidc/end_session", query_string=given).location

    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert_page(client, client.client.get(page))
        assert is_signed_in(client)


@pytest.mark.parametrize("vorgang", ["", "x", "ü", "A" * 60, "A" * 4000, "%00"])
def test_what_we_have_not_sealed_is_nobodys_request(client: PageClient, erika: Account, vorgang: str) -> None:
    assert_page(client, client.client.get(f"/oidc/abmelden?{urlencode({'vorgang': vorgang})}"))
    assert is_signed_in(client)


@pytest.mark.parametrize("name", ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"])
def test_a_parameter_that_is_there_twice_leads_nowhere(
    client: PageClient, website: Website, hint: str, name: str
) -> None:
    given = [
        ("id_token_hint", hint),
        ("client_id", website.client.client_id),
        ("post_logout_redirect_uri", AFTERWARDS),
        ("state", "x"),
    ]
    twice = urlencode([*given, *(pair for pair in given if pair[0] == name)])
    answer = client.client.get(f"/oidc/end_session?{twice}")

    page = assert_page(client, client.client.get(answer.location), 400)
    assert "there more than once" in page.text
    assert is_signed_in(client)


def test_the_key_that_signed_may_have_retired_but_not_been_revoked(client: PageClient, hint: str) -> None:
    given = {"id_token_hint": hint, "post_logout_redirect_uri": AFTERWARDS}
    signed_by = keys.signing_key(Algorithm.ES256).kid
    keys.rotate(at=clock.now(), without_waiting=True)
    assert urlsplit(client.client.get("/oidc/end_session", query_string=given).location).path
    assert_went_back(end_session(client, **given))

    keys.revoke(signed_by, at=clock.now())

    assert_page(client, end_session(client, **given), 400)


def test_the_page_names_the_websites_and_says_which_of_them_are_told(
    client: PageClient, erika: Account
) -> None:
    told = create_website_with_logout(
        name="Standesamt", backchannel_logout_uri="https://website.example/backchannel"
    )
    other = create_website_with_logout(name="Bibliothek")
    for website in (told, other):
        id_token_for(client, website)

    page = assert_page(client, end_session(client))

    assert page.text.index("sagen wir Bescheid") < page.text.index("Standesamt")
    assert page.text.index("selbst abmelden") < page.text.index("Bibliothek")


def test_toy_15_no_page_on_the_way_can_be_framed_or_cached(client: PageClient, erika: Account) -> None:
    answer = end_session(client)

    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
