"""Whatever is sent, and however the person goes on from there: no error of ours, no strange address."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from servicekonto.accounts.models import Account
from tests.builders.oidc import Website
from tests.integration.oidc.hostile import (
    CHANGES,
    CLAIMS,
    PAGES_OF_OURS,
    TEXT,
    VALUES,
    assert_harmless,
    examples,
    leads_to_us,
    lift_limits,
)
from tests.support.client import PageClient
from tests.support.page import Page

FIXED = examples(40)
MOST_STEPS = 6
_PRESSED = st.one_of(st.sampled_from(["all", "agree", "deny", "keep"]), TEXT)
_TYPED = st.dictionaries(st.sampled_from(["scopes", "claims", "question", "action"]), VALUES, max_size=3)

pytestmark = pytest.mark.usefixtures("erika_who_agreed")


@pytest.fixture(autouse=True)
def without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    lift_limits(monkeypatch)


def go_along(visitor: PageClient, answer: TestResponse) -> TestResponse:
    """Over our own redirects; each of them is looked at."""
    for _step in range(MOST_STEPS):
        assert_harmless(answer)
        if not leads_to_us(answer):
            return answer
        answer = visitor.client.get(answer.location)
    raise AssertionError(f"no end of redirects: {answer.location}")


def press(visitor: PageClient, page: TestResponse, pressed: str, typed: dict[str, Any]) -> TestResponse:
    """What comes of the page that asks the person, whatever the form sends."""
    path = page.request.path
    if page.status_code != 200 or not PAGES_OF_OURS.fullmatch(path) or not path.startswith("/oidc/"):
        return page
    fields = {name: values for name, values in Page(page).form(path).values.items() if values}
    changed = {name: value for name, value in typed.items() if value is not None}
    return visitor.client.post(path, data={**fields, "action": pressed, **changed})


@FIXED
@given(changes=CHANGES, pressed=_PRESSED, typed=_TYPED)
def test_from_a_request_that_a_form_sends_to_where_it_leads(
    client: PageClient, website: Website, changes: dict[str, Any], pressed: str, typed: dict[str, Any]
) -> None:
    asked = website.parameters(**{"scope": "openid email"} | changes)
    page = go_along(client, client.client.post("/oidc/authorize", data=asked))

    go_along(client, press(client, page, pressed, typed))


@FIXED
@given(claims=CLAIMS, pressed=_PRESSED, typed=_TYPED)
def test_from_any_claims_to_where_they_lead(
    client: PageClient, website: Website, claims: str, pressed: str, typed: dict[str, Any]
) -> None:
    asked = website.parameters(claims=claims, prompt="consent")
    page = go_along(client, client.client.get("/oidc/authorize", query_string=asked))

    go_along(client, press(client, page, pressed, typed))


@FIXED
@given(changes=CHANGES, beside=CHANGES, pressed=_PRESSED)
def test_from_a_pushed_request_to_where_its_reference_leads(
    client: PageClient,
    website: Website,
    erika: Account,
    changes: dict[str, Any],
    beside: dict[str, Any],
    pressed: str,
) -> None:
    sent = website.parameters(**{"client_secret": website.secret} | changes)
    answer = PageClient(client.app).client.post("/oidc/par", data=sent)
    assert answer.status_code in {201, 400, 401, 413}
    if answer.status_code != 201:
        return
    reference = {"client_id": website.client.client_id, "request_uri": answer.get_json()["request_uri"]}
    further = {name: value for name, value in beside.items() if value is not None}
    for asked in (reference | further, reference):
        page = go_along(client, client.client.get("/oidc/authorize", query_string=asked))
        go_along(client, press(client, page, pressed, {}))
