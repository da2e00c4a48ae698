"""Many requests with the same code or token at once, with real commits and connections of their own."""

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.oidc import clients, grants
from servicekonto.oidc.models import AccessToken, Grant, WebsiteConsent
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account, sign_in
from tests.builders.oidc import Website, code_for, create_website, offline_tokens, userinfo
from tests.support.client import PageClient
from tests.support.threads import at_the_same_time

TIMES = 20


@pytest.fixture
def visitor(committed_app: Servicekonto) -> PageClient:
    found = PageClient(committed_app)
    with committed_app.app_context(), scoped(SYSTEM):
        sign_in(found, create_account(email="erika@example.org"))
    return found


@pytest.fixture
def portal(committed_app: Servicekonto) -> Website:
    with committed_app.app_context(), scoped(SYSTEM):
        website = create_website(offline_access=True)
        db.session.expunge_all()
        return website


def counts(app: Servicekonto) -> dict[str, Any]:
    with app.app_context(), scoped(SYSTEM):
        grants = db.session.scalars(sa.select(Grant)).all()
        tokens = db.session.scalar(sa.select(sa.func.count()).select_from(AccessToken))
        return {"tokens": tokens, "ended": [grant.revoked_at is not None for grant in grants]}


def test_twenty_redemptions_of_one_code_give_one_token_and_the_replay_ends_it(
    committed_app: Servicekonto, visitor: PageClient, portal: Website
) -> None:
    code = code_for(visitor, portal)

    answers = at_the_same_time(lambda _number: portal.exchange(visitor, code), times=TIMES)

    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: TIMES - 1}
    assert {answer.get_json().get("error") for answer in answers} == {None, "invalid_grant"}
    assert counts(committed_app) == {"tokens": 1, "ended": [True]}
    (token,) = (answer.get_json()["access_token"] for answer in answers if answer.status_code == 200)
    assert userinfo(visitor, token).status_code == 401


def test_twenty_refreshes_with_one_token_give_one_success_and_end_the_grant(
    committed_app: Servicekonto, visitor: PageClient, portal: Website
) -> None:
    token = offline_tokens(visitor, portal)["refresh_token"]

    answers = at_the_same_time(lambda _number: portal.refresh(visitor, token), times=TIMES)

    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: TIMES - 1}
    assert {answer.get_json().get("error") for answer in answers} == {None, "invalid_grant"}
    assert counts(committed_app) == {"tokens": 2, "ended": [True]}
    (newest,) = (answer.get_json()["refresh_token"] for answer in answers if answer.status_code == 200)
    assert portal.refresh(visitor, newest).get_json()["error"] == "invalid_grant"


def test_of_many_answers_at_once_one_is_in_force(committed_app: Servicekonto, portal: Website) -> None:
    with committed_app.app_context(), scoped(SYSTEM):
        account_id = create_account().id

    def allow(number: int) -> None:
        with committed_app.app_context(), scoped(SYSTEM), unit_of_work():
            account, client = db.session.get_one(Account, account_id), clients.get_client(portal.client.id)
            scopes = {"openid", "email"} if number % 2 else {"openid"}
            grants.give_consent(account, client, scopes, asked={"openid", "email"}, at=clock.now())

    at_the_same_time(allow, times=6)

    with committed_app.app_context(), scoped(SYSTEM):
        rows = db.session.scalars(sa.select(WebsiteConsent)).all()
        assert [row.withdrawn_at for row in rows].count(None) == 1
