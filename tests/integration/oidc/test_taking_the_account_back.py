"""Whoever takes their account back must assume that somebody else had it: what websites may do without a
session ends too. Their own new password is no such thing.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts import commands, links, queries, recovery, reopening, sessions
from servicekonto.accounts.models import Account, OneTimeLinkPurpose
from servicekonto.accounts.recovery_models import EmailChange
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs.worker import Worker
from servicekonto.oidc import grants
from tests.builders.accounts import create_account, encoded_hash, sign_in
from tests.builders.logout import claims_of, receiver
from tests.builders.oidc import Website, came_back, create_website, offline_tokens, userinfo
from tests.support.client import PageClient

NEW = "ein ganz neues passwort"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def portal(database: None) -> Website:
    return create_website(offline_access=True)


def link(account: Account, purpose: OneTimeLinkPurpose) -> str:
    return links.issue(account, purpose, at=clock.now())


def by_a_new_password_by_mail(account: Account) -> None:
    token = link(account, OneTimeLinkPurpose.RESET_PASSWORD)
    commands.reset_password(token, encoded_hash=encoded_hash(NEW), at=clock.now())


def by_beginning_anew(account: Account) -> None:
    recovery.begin_reset(link(account, OneTimeLinkPurpose.RESET_ACCOUNT), at=clock.now())
    reset = recovery.reset_of(account)
    assert reset is not None
    reset.possible_from = clock.now()
    token = link(account, OneTimeLinkPurpose.FINISH_RESET)
    recovery.finish_reset(token, encoded_hash=encoded_hash(NEW), at=clock.now())


def by_that_was_not_me(account: Account) -> None:
    recovery.secure(link(account, OneTimeLinkPurpose.THAT_WAS_NOT_ME), at=clock.now())


def by_somebody_on_the_machine(account: Account) -> None:
    recovery.close(account, by=None, at=clock.now())
    reopening.reopen(account, "new@example.org", reference="INC-1", at=clock.now())


WAYS = [by_a_new_password_by_mail, by_beginning_anew, by_that_was_not_me, by_somebody_on_the_machine]


def take_back(account: Account, way: Callable[[Account], None]) -> None:
    with unit_of_work():
        way(account)


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]


@pytest.mark.parametrize("way", WAYS)
def test_what_was_allowed_for_longer_than_a_session_ends(
    client: PageClient, portal: Website, erika: Account, way: Callable[[Account], None]
) -> None:
    tokens = offline_tokens(client, portal)

    take_back(erika, way)

    assert error_of(portal.refresh(client, tokens["refresh_token"])) == (400, "invalid_grant")
    assert userinfo(client, tokens["access_token"]).status_code == 401


@pytest.mark.parametrize("way", WAYS)
def test_also_when_its_session_was_over_long_before(
    client: PageClient, portal: Website, erika: Account, way: Callable[[Account], None]
) -> None:
    tokens = offline_tokens(client, portal)
    with unit_of_work():
        sessions.end_all(erika, at=clock.now())
    tokens = portal.refresh(client, tokens["refresh_token"]).get_json()

    take_back(erika, way)

    assert error_of(portal.refresh(client, tokens["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.parametrize("way", WAYS)
def test_the_consent_stays_so_the_owner_is_not_asked_again(
    client: PageClient, portal: Website, erika: Account, way: Callable[[Account], None]
) -> None:
    offline_tokens(client, portal)

    take_back(erika, way)

    assert grants.consent_of(erika, portal.client) is not None
    sign_in(client, erika)
    assert came_back(portal.send(client, scope="openid email", prompt="none"))["code"]


@pytest.mark.parametrize("way", WAYS)
def test_the_website_is_told_that_the_session_is_over(
    client: PageClient, erika: Account, way: Callable[[Account], None]
) -> None:
    with receiver() as received:
        portal = create_website(offline_access=True, backchannel_logout_uri=received.uri)
        offline_tokens(client, portal)

        take_back(erika, way)
        Worker(client.app).run_until_idle()

        assert [claims_of(token)["aud"] for token in received.tokens] == [portal.client.client_id]


@pytest.mark.parametrize("way", WAYS)
def test_other_people_keep_what_they_have_allowed(
    client: PageClient, portal: Website, erika: Account, way: Callable[[Account], None]
) -> None:
    other = PageClient(client.app)
    sign_in(other, create_account(email="jonas@example.org"))
    tokens = offline_tokens(other, portal)

    take_back(erika, way)

    assert portal.refresh(client, tokens["refresh_token"]).status_code == 200


def test_what_is_allowed_afterwards_holds(client: PageClient, portal: Website, erika: Account) -> None:
    take_back(erika, by_a_new_password_by_mail)
    sign_in(client, erika)
    tokens = offline_tokens(client, portal)

    assert portal.refresh(client, tokens["refresh_token"]).status_code == 200


def by_a_password_of_their_own(account: Account) -> None:
    credential = queries.password_credential(account)
    assert credential is not None
    commands.change_password(
        account,
        known_hash=credential.encoded_hash,
        encoded_hash=encoded_hash(NEW),
        but=sessions.running_sessions(account, at=clock.now())[0].id,
        at=clock.now(),
    )


def by_ending_all_sessions(account: Account) -> None:
    sessions.end_all(account, at=clock.now())


def by_asking_for_a_link_that_is_not_used(account: Account) -> None:
    commands.request_password_reset(str(account.email), at=clock.now() + timedelta(seconds=1))


@pytest.mark.parametrize(
    "act", [by_a_password_of_their_own, by_ending_all_sessions, by_asking_for_a_link_that_is_not_used]
)
def test_what_the_owner_does_with_the_account_in_hand_ends_nothing(
    client: PageClient, portal: Website, erika: Account, act: Callable[[Account], None]
) -> None:
    tokens = offline_tokens(client, portal)

    take_back(erika, act)

    assert portal.refresh(client, tokens["refresh_token"]).status_code == 200


def test_that_was_not_me_ends_it_when_the_old_address_cannot_be_given_back(
    client: PageClient, portal: Website, erika: Account
) -> None:
    """Then the account is locked, and perhaps unlocked later by somebody who can tell whose it is."""
    tokens = offline_tokens(client, portal)
    with unit_of_work():
        disown = link(erika, OneTimeLinkPurpose.THAT_WAS_NOT_ME)
        recovery.request_email_change(erika, "stranger@example.org", at=clock.now())
        change = db.session.scalars(sa.select(EmailChange)).one()
        confirm = links.issue(
            erika, OneTimeLinkPurpose.CONFIRM_NEW_EMAIL, at=clock.now(), subject_id=change.id
        )
        recovery.confirm_email_change(confirm, at=clock.now())
    create_account(email="erika@example.org")
    with unit_of_work():
        recovery.secure(disown, at=clock.now())
        assert erika.locked_at is not None
        commands.unlock(erika)

    assert error_of(portal.refresh(client, tokens["refresh_token"])) == (400, "invalid_grant")
