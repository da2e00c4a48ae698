"""A website is told until it has heard, and holds up nobody while it does not."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs.models import JobStatus
from servicekonto.jobs.worker import Worker
from servicekonto.oidc import clients, deliveries, logout_tasks
from servicekonto.oidc.models import Grant
from tests.builders.accounts import sign_in
from tests.builders.logout import Receiver, claims_of, id_token_for
from tests.builders.oidc import Website
from tests.integration.oidc.backchannel.telling import jobs, sign_out, work
from tests.support.client import PageClient


@pytest.mark.parametrize("status", [302, 307, 400, 404, 500, 503])
def test_what_is_not_taken_is_tried_again_until_it_is(
    client: PageClient, website: Website, erika: Account, received: Receiver, status: int
) -> None:
    received.answers = [status, 204]
    id_token_for(client, website)
    sign_out(client)
    work(client.app)
    assert len(received.requests) == 1  # redirects are not followed
    (job,) = jobs(JobStatus.QUEUED)
    assert job.last_error is not None and job.last_error.startswith("JobError: answered_with_")

    with time_machine.travel(clock.now() + timedelta(seconds=11)):
        work(client.app)

    first, second = (claims_of(token) for token in received.tokens)
    assert first["sid"] == second["sid"] and first["jti"] != second["jti"]
    assert len(jobs(JobStatus.DONE)) == 1


def test_after_a_day_it_is_given_up(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    received.answers = [500]
    id_token_for(client, website)
    sign_out(client)
    begun = clock.now()
    at = begun

    while not jobs(JobStatus.DEAD):
        (job,) = jobs(JobStatus.QUEUED)
        at = max(at, job.run_at)
        with time_machine.travel(at, tick=False):
            Worker(client.app).run_until_idle()

    assert len(received.requests) == logout_tasks.ATTEMPTS
    assert timedelta(hours=12) < at - begun < timedelta(hours=25)


def test_a_website_that_does_not_answer_is_left_alone_for_a_moment(
    client: PageClient, website: Website, erika: Account
) -> None:
    """Each attempt costs a worker some seconds; others wait for it."""
    for _number in range(3):
        sign_in(client, erika)
        id_token_for(client, website)
        sign_out(client)
    with unit_of_work():
        website.client.backchannel_logout_uri = "http://127.0.0.1:9/"

    work(client.app)

    known = deliveries.of(website.client.id)
    assert known is not None and (known.failures, known.failure) == (1, "no_connection")
    assert sorted(job.last_error or "" for job in jobs(JobStatus.QUEUED)) == [
        "JobError: no_connection",
        "JobError: the website did not answer a moment ago",
        "JobError: the website did not answer a moment ago",
    ]


@pytest.mark.parametrize("change", ["disabled", "no address", "no account"])
def test_a_website_that_should_not_be_told_any_more_is_not(
    client: PageClient, website: Website, erika: Account, received: Receiver, change: str
) -> None:
    id_token_for(client, website)
    sign_out(client)
    with unit_of_work():
        if change == "disabled":
            clients.disable(website.client, by=None, at=clock.now())
        elif change == "no address":
            website.client.backchannel_logout_uri = ""
        else:
            db.session.execute(sa.delete(Grant))

    work(client.app)

    assert received.requests == []
    assert len(jobs(JobStatus.DONE)) == 1


def test_toy_23_the_browser_does_not_wait_for_a_slow_website(
    client: PageClient, website: Website, erika: Account
) -> None:
    """Telling is the work of the worker; the request that signs out only writes it down."""
    id_token_for(client, website)
    with unit_of_work():
        website.client.backchannel_logout_uri = "http://10.255.255.1/"

    sign_out(client)

    assert len(jobs(JobStatus.QUEUED)) == 1


def test_the_operator_sees_what_became_of_it(
    client: PageClient, website: Website, erika: Account, received: Receiver, operator: Account
) -> None:
    visitor = PageClient(client.app)
    sign_in(visitor, erika)
    id_token_for(visitor, website)
    received.answers = [503]
    sign_out(visitor)
    assert "noch nie" in client.get(f"/betrieb/websites/{website.client.id}").text

    work(client.app)

    page = client.get(f"/betrieb/websites/{website.client.id}")
    assert "Auf dem Server ist ein Fehler aufgetreten (5xx)." in page.text
    assert "erika" not in page.text and str(erika.id) not in str(page)


def test_signing_out_costs_few_statements(
    client: PageClient, website: Website, erika: Account, queries: list[str]
) -> None:
    id_token_for(client, website)
    page = client.get("/abmelden")
    queries.clear()

    page.form().submit(client)

    assert len(queries) <= 6, queries
