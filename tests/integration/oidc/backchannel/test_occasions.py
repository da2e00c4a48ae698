"""Which ends of a session are told, and to whom."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from servicekonto.accounts import commands, links, recovery, sessions, tasks
from servicekonto.accounts.models import Account, AssuranceLevel, LoginSession, OneTimeLinkPurpose
from servicekonto.core import clock, retention
from servicekonto.core.db import db, unit_of_work
from servicekonto.data_protection.commands import deletion
from servicekonto.jobs.models import JobStatus
from servicekonto.oidc import forgetting
from servicekonto.oidc.models import Grant
from tests.builders.accounts import PASSWORD, create_account, encoded_hash, sign_in
from tests.builders.logout import Receiver, claims_of, create_website_with_logout, id_token_for
from tests.builders.oidc import REDIRECT_URI, Website, came_back, follow_here
from tests.integration.oidc.backchannel.telling import jobs, own_session, sign_out, work
from tests.support.client import PageClient


def test_every_website_of_the_session_is_told_once_and_no_other(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    other = create_website_with_logout(backchannel_logout_uri=received.uri)
    create_website_with_logout(backchannel_logout_uri=received.uri)
    without = create_website_with_logout()
    for which in (website, website, other, without):
        id_token_for(client, which)
    sign_out(client)

    work(client.app)

    told = sorted(claims_of(token)["aud"] for token in received.tokens)
    assert told == sorted([website.client.client_id, other.client.client_id])


def by_the_list_of_devices(erika: Account) -> None:
    commands.end_session(erika, own_session(erika).id, at=clock.now())


def by_all_devices(erika: Account) -> None:
    commands.end_other_sessions(erika, but=erika.id, at=clock.now())


def by_a_lock(erika: Account) -> None:
    commands.lock(erika, at=clock.now())


def by_asking_for_deletion(erika: Account) -> None:
    deletion.request(erika, by=erika, at=clock.now())


def by_a_new_password(erika: Account) -> None:
    token = links.issue(erika, OneTimeLinkPurpose.RESET_PASSWORD, at=clock.now())
    commands.reset_password(token, encoded_hash=encoded_hash("ein ganz neues passwort"), at=clock.now())


def by_that_was_not_me(erika: Account) -> None:
    recovery.secure(links.issue(erika, OneTimeLinkPurpose.THAT_WAS_NOT_ME, at=clock.now()), at=clock.now())


def by_too_many_sessions(erika: Account) -> None:
    for _number in range(sessions.MOST_SESSIONS):
        sessions.start(erika.id, AssuranceLevel.LOW, clock.now())


def by_an_operator(_erika: Account) -> None:
    sessions.end_everybodys(at=clock.now())


def by_the_sweep_of_old_rows(_erika: Account) -> None:
    long_ago = clock.now() - timedelta(days=31)
    db.session.execute(sa.update(LoginSession).values(created_at=long_ago))
    sessions.purge(at=clock.now(), keep=timedelta(days=30))


@pytest.mark.parametrize(
    "end",
    [
        *(by_the_list_of_devices, by_all_devices, by_a_lock, by_asking_for_deletion, by_a_new_password),
        *(by_that_was_not_me, by_too_many_sessions, by_an_operator, by_the_sweep_of_old_rows),
    ],
)
def test_however_the_session_ends_the_website_is_told(
    client: PageClient,
    website: Website,
    erika: Account,
    received: Receiver,
    end: Callable[[Account], None],
) -> None:
    id_token_for(client, website)
    with unit_of_work():
        end(erika)

    work(client.app)

    assert [claims_of(token)["aud"] for token in received.tokens] == [website.client.client_id]


@pytest.mark.parametrize("after", [timedelta(minutes=60), timedelta(hours=12)])
def test_a_session_that_has_run_out_is_noticed_within_a_minute(
    client: PageClient, website: Website, erika: Account, received: Receiver, after: timedelta
) -> None:
    id_token_for(client, website)
    if after > timedelta(hours=1):
        keep_alive(erika, until=clock.now() + after)

    with time_machine.travel(clock.now() + after + timedelta(seconds=61)):
        work(client.app)

    assert len(received.tokens) == 1


def keep_alive(account: Account, *, until: datetime) -> None:
    with unit_of_work():
        own_session(account).last_seen_at = until


def test_a_session_that_still_lives_is_not_told(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    id_token_for(client, website)

    with time_machine.travel(clock.now() + timedelta(minutes=59)):
        work(client.app)

    assert received.tokens == [] and jobs() == []


def test_many_sessions_run_out_at_once(
    client: PageClient, received: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "AT_ONCE", 2)
    people = [create_account() for _number in range(5)]
    for person in people:
        sign_in(PageClient(client.app), person)

    with time_machine.travel(clock.now() + timedelta(hours=2)):
        work(client.app)

    still_open = sa.select(LoginSession.id).where(LoginSession.ended_at.is_(None))
    assert db.session.scalars(still_open).all() == []


def test_proving_oneself_again_is_no_end(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    before = claims_of(id_token_for(client, website))
    page = website.send(client, prompt="login")
    form = client.checked(page, 200).form("/anmelden/bestaetigen")
    came_back(follow_here(client, form.submit(client, password=PASSWORD)))

    work(client.app)

    assert received.tokens == []
    assert claims_of(id_token_for(client, website))["sid"] == before["sid"]


def test_signing_in_again_in_the_same_browser_goes_on_and_its_end_ends_both(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    first = claims_of(id_token_for(client, website))["sid"]
    page = client.get("/anmelden")
    client.follow(page.form("/anmelden").submit(client, email="erika@example.org", password=PASSWORD))
    second = claims_of(id_token_for(client, website))["sid"]
    work(client.app)
    assert received.tokens == [] and first != second

    sign_out(client)
    work(client.app)

    assert {claims_of(token)["sid"] for token in received.tokens} == {first, second}


def test_another_person_in_the_same_browser_is_the_end_of_the_first(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    sid = claims_of(id_token_for(client, website))["sid"]
    create_account(email="jonas@example.org")
    page = client.get("/anmelden")
    client.follow(page.form("/anmelden").submit(client, email="jonas@example.org", password=PASSWORD))

    work(client.app)

    assert [claims_of(token)["sid"] for token in received.tokens] == [sid]


def test_an_end_that_is_rolled_back_is_told_nobody(
    client: PageClient, website: Website, erika: Account
) -> None:
    id_token_for(client, website)

    def lock_and_fail() -> None:
        with unit_of_work():
            commands.lock(erika, at=clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        lock_and_fail()

    assert jobs() == []


def test_who_signed_in_where_is_forgotten_after_a_week_and_then_nobody_is_told(
    client: PageClient, website: Website, erika: Account
) -> None:
    id_token_for(client, website)
    with unit_of_work():
        forgetting.purge(at=clock.now() + timedelta(days=7))

    sign_out(client)

    assert jobs() == []
    assert website.parameters()["redirect_uri"] == REDIRECT_URI


def test_sign_ins_are_known_for_longer_than_sessions_run_and_their_ends_are_told() -> None:
    """So nobody has to be forgotten before the website was told."""
    longest = max(limits.absolute for limits in sessions.LIMITS.values())

    assert longest + timedelta(days=1) < retention.WEBSITE_SIGN_INS.kept


def test_an_account_that_is_deleted_has_no_session_left_to_tell_of(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    """It was locked two weeks before, and the website was told then."""
    id_token_for(client, website)
    with unit_of_work():
        under_way = deletion.request(erika, by=erika, at=clock.now())
    work(client.app)
    assert len(received.tokens) == 1

    with unit_of_work():
        deletion.delete(under_way, at=under_way.deletes_at)

    assert db.session.scalars(sa.select(Grant)).all() == []
    assert jobs(JobStatus.QUEUED) == [] and len(jobs(JobStatus.DONE)) == 1
