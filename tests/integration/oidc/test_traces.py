"""Who signed in where, and when, is forgotten after seven days: nothing that is left tells it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.core import clock, retention
from servicekonto.core.db import Base, db, unit_of_work
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.oidc import forgetting, logout, refresh
from servicekonto.oidc.models import AccessToken, AuthorizationCode, Grant, RefreshToken, WebsiteConsent
from servicekonto.operations.retention.sweeps import sweep_all
from tests.builders.logout import create_website_with_logout, id_token_for
from tests.builders.oidc import Website, create_website, offline_tokens, tokens_for, userinfo
from tests.integration.oidc.backchannel.telling import jobs, sign_out
from tests.support.client import PageClient

WEEK = timedelta(days=7)
BACKCHANNEL = "https://website.example/backchannel"
LATER_IN_THE_DAY = datetime(2027, 3, 10, 13, 37, 42, 123456, tzinfo=UTC)


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def portal() -> Website:
    return create_website(offline_access=True)


def all_rows(model: type[Base]) -> list[Any]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(model)))


def is_midnight(moment: datetime) -> bool:
    return moment.time() == time()


def purge(at: datetime) -> None:
    with unit_of_work():
        forgetting.purge(at=at)


def test_after_exactly_seven_days_nothing_of_a_sign_in_is_left(
    client: PageClient, website: Website, erika: Account
) -> None:
    tokens_for(client, website)

    purge(all_rows(Grant)[0].created_at + WEEK)

    assert [all_rows(model) for model in (Grant, AuthorizationCode, AccessToken)] == [[], [], []]
    (consent,) = all_rows(WebsiteConsent)
    assert consent.last_used_at is None


def test_even_when_the_workers_came_a_moment_too_early_they_come_again_in_time(
    client: PageClient, website: Website, erika: Account
) -> None:
    tokens_for(client, website)
    signed_in = all_rows(Grant)[0].created_at
    last_look_in_vain = signed_in + retention.WEBSITE_SIGN_INS.kept
    purge(last_look_in_vain)
    assert len(all_rows(Grant)) == 1

    purge(last_look_in_vain + timedelta(hours=1))

    assert last_look_in_vain + timedelta(hours=1) <= signed_in + WEEK
    assert [all_rows(model) for model in (Grant, AuthorizationCode, AccessToken)] == [[], [], []]


def test_of_a_sign_in_with_a_permission_for_later_only_the_day_is_left(
    client: PageClient, portal: Website, erika: Account
) -> None:
    offline_tokens(client, portal)
    (before,) = all_rows(Grant)
    signed_in = before.created_at

    purge(signed_in + WEEK)

    (grant,) = all_rows(Grant)
    assert (grant.authenticated_at, grant.session_id, grant.sid) == (None, None, None)
    assert grant.created_at == clock.begin_of_day(signed_in)
    assert all_rows(AuthorizationCode) == [] and all_rows(AccessToken) == []


def test_the_names_of_rows_that_stay_do_not_tell_when_they_were_made(
    client: PageClient, portal: Website, erika: Account
) -> None:
    offline_tokens(client, portal)

    kept: list[UUID] = [all_rows(model)[0].id for model in (Grant, RefreshToken, WebsiteConsent)]

    assert [row_id.version for row_id in kept] == [4, 4, 4]


def test_a_refresh_token_does_not_tell_when_the_website_was_here_last(
    client: PageClient, portal: Website, erika: Account
) -> None:
    token = offline_tokens(client, portal)["refresh_token"]
    (row,) = all_rows(RefreshToken)
    assert is_midnight(row.expires_at)

    with time_machine.travel(clock.now() + timedelta(days=70, hours=3), tick=False):
        db.session.execute(sa.update(RefreshToken).values(expires_at=clock.now() + timedelta(days=1)))
        db.session.commit()
        assert portal.refresh(client, token).status_code == 200

    (row,) = all_rows(RefreshToken)
    assert is_midnight(row.expires_at)


@pytest.mark.parametrize("hour", [0, 1, 12, 23])
def test_rounded_to_days_a_token_still_lies_thirty_days_and_never_longer_than_ninety(hour: int) -> None:
    begun = LATER_IN_THE_DAY.replace(hour=hour)
    grant = Grant(created_at=begun)
    forgotten = Grant(created_at=clock.begin_of_day(begun))

    assert refresh.IDLE <= refresh.expiry(grant, begun) - begun < refresh.IDLE + timedelta(days=1)
    assert refresh.expiry(grant, begun + timedelta(days=80)) <= begun + refresh.LONGEST
    assert refresh.expiry(grant, begun + timedelta(days=80)) > begun + refresh.LONGEST - timedelta(days=1)
    assert refresh.expiry(forgotten, begun) == refresh.expiry(grant, begun)


@pytest.mark.parametrize("status", list(JobStatus))
def test_no_message_of_a_sign_out_outlives_the_week(
    client: PageClient, erika: Account, status: JobStatus
) -> None:
    id_token_for(client, create_website_with_logout(backchannel_logout_uri=BACKCHANNEL))
    sign_out(client)
    done_at = clock.now() if status is JobStatus.DONE else None
    db.session.execute(sa.update(Job).where(Job.kind == logout.TELL).values(status=status, done_at=done_at))
    db.session.commit()
    (job,) = jobs(status)

    purge(job.created_at + timedelta(days=6, hours=22))
    assert len(jobs()) == 1
    purge(job.created_at + WEEK)

    assert jobs() == []


def test_other_dead_work_stays_until_somebody_looks() -> None:
    at = clock.now()
    with unit_of_work():
        db.session.add(
            Job(kind="send_mail", payload={}, status=JobStatus.DEAD, run_at=at, created_at=at, attempts=1)
        )

    purge(at + timedelta(days=100))

    assert len(all_rows(Job)) == 1


def test_the_rule_is_among_those_that_are_listed_and_counted(client: PageClient, erika: Account) -> None:
    id_token_for(client, create_website_with_logout(backchannel_logout_uri=BACKCHANNEL))
    sign_out(client)

    reports = {report.rule.what: report.rows for report in sweep_all(at=clock.now() + WEEK, dry_run=True)}

    assert reports["messages to websites that somebody has signed out, delivered or not"] == 1
    said = client.app.test_cli_runner().invoke(args=["retention", "list"]).output
    assert "sign-ins to other websites, their codes and tokens: 6 days 23 hours after they happened" in said


def test_the_use_of_a_consent_is_noted_when_the_website_comes_back_alone(
    client: PageClient, portal: Website, erika: Account
) -> None:
    token, begun = offline_tokens(client, portal)["refresh_token"], clock.now()
    purge(begun + WEEK)

    with time_machine.travel(begun + timedelta(days=8), tick=False):
        tokens = portal.refresh(client, token).get_json()
        assert userinfo(client, tokens["access_token"]).status_code == 200
        (consent,) = all_rows(WebsiteConsent)
        assert consent.last_used_at == clock.now()


def test_it_is_noted_once_an_hour_and_costs_nothing_in_between(
    client: PageClient, portal: Website, erika: Account, queries: list[str]
) -> None:
    token, begun = offline_tokens(client, portal)["refresh_token"], clock.now()
    counts = []

    for minutes in (10, 65, 70):
        with time_machine.travel(begun + timedelta(minutes=minutes), tick=False):
            queries.clear()
            token = portal.refresh(client, token).get_json()["refresh_token"]
            counts.append(len(queries))

    assert counts == [4, 5, 4]
    (consent,) = all_rows(WebsiteConsent)
    assert timedelta(minutes=64) < consent.last_used_at - begun < timedelta(minutes=66)
