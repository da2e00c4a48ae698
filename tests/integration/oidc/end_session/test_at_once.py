"""A website that says who its visitor is signs them out at once (OpenID Connect RP-Initiated Logout 1.0)."""

from datetime import timedelta

import pytest
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from tests.builders.accounts import is_signed_in
from tests.builders.logout import AFTERWARDS, STATE, create_website_with_logout, end_session, id_token_for
from tests.builders.oidc import Website, came_back
from tests.integration.oidc.end_session.leaving import assert_went_back
from tests.support.client import PageClient


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
