"""Nobody is signed out without being asked, unless the website says who they are."""

import pytest

from servicekonto.accounts.models import Account
from tests.builders.accounts import create_account, is_signed_in, sign_in
from tests.builders.logout import AFTERWARDS, STATE, create_website_with_logout, end_session, id_token_for
from tests.builders.oidc import Website
from tests.integration.oidc.end_session.leaving import assert_page, assert_went_back, confirm
from tests.support.client import PageClient


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
