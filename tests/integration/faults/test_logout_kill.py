"""kill -9 of web and worker while people sign out: each website of a session that ended is told at least
once, and none of a session that lives.
"""

import random
import time
from datetime import timedelta
from threading import Event

import pytest
import sqlalchemy as sa

from servicekonto.accounts import commands
from servicekonto.accounts.models import AssuranceLevel, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.oidc import authorization, grants, logout
from servicekonto.oidc.models import Grant
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account
from tests.builders.logout import Receiver, claims_of, create_website_with_logout, receiver
from tests.builders.oidc import Website
from tests.integration.operations.restoring import inside
from tests.support.databases import DatabaseUrls
from tests.support.processes import (
    WEB,
    WORKER,
    Person,
    Processes,
    all_send,
    at_a_form,
    comes_true,
    processes_for,
    wait_until,
)

AT_ONCE = 2
RANDOM = "random:0"
# In the web process each step of signing out; the worker dies while the website has its request in hand.
WEB_DIES_AT = [
    *("statement:1", "statement:3", "before_commit:1", "after_commit:1", "before_answer:1", RANDOM),
]
ABANDONED = 2
LIVING = 3
AN_HOUR = timedelta(minutes=60)


def prepare(app: Servicekonto, uri: str, *, number: int) -> list[Person]:
    """Everybody has the page open that signs out, and has signed in to two websites."""
    people = []
    with inside(app):
        websites = [create_website_with_logout(name=f"{n}", backchannel_logout_uri=uri) for n in range(2)]
        for _person in range(number):
            account = create_account()
            people.append(at_a_form(app, account, "/abmelden", "/abmelden"))
        for session in db.session.scalars(sa.select(LoginSession)).all():
            sign_in_to(websites, session)
    return people


def sign_in_to(websites: list[Website], session: LoginSession) -> None:
    with unit_of_work():
        for website in websites:
            asked = {name: [value] for name, value in website.parameters().items()}
            grants.issue_code(
                authorization.read(asked, website.client, authorization.find_target(asked, website.client)),
                session.account,
                scopes=["openid"],
                level=AssuranceLevel.LOW,
                authenticated_at=session.authenticated_at,
                session_id=session.id,
                at=clock.now(),
            )


def open_sessions(*, most: int) -> list[LoginSession]:
    """The newest that are in use."""
    in_use = (LoginSession.ended_at.is_(None), LoginSession.last_seen_at > clock.now() - AN_HOUR)
    found = sa.select(LoginSession).where(*in_use).order_by(LoginSession.id.desc()).limit(most)
    return list(db.session.scalars(found))


def lock_somebody(app: Servicekonto) -> None:
    """So that the worker has something to deliver even if no form arrives."""
    with inside(app), unit_of_work():
        (session,) = open_sessions(most=1)
        commands.lock(session.account, at=clock.now())


def abandon_some(app: Servicekonto) -> None:
    """Two browsers were closed an hour ago."""
    with inside(app), unit_of_work():
        for session in open_sessions(most=ABANDONED):
            session.last_seen_at = clock.now() - AN_HOUR


def make_leases_end(app: Servicekonto) -> None:
    """Instead of waiting minutes for those of a dead worker, and for the pause after a failure."""
    with inside(app), unit_of_work():
        held = sa.update(Job).where(Job.status == JobStatus.QUEUED)
        for statement in (
            held.where(Job.lease_until.is_not(None)).values(lease_until=clock.now()),
            held.where(Job.run_at > clock.now()).values(run_at=clock.now()),
        ):
            db.session.execute(statement, execution_options={"synchronize_session": False})


def is_all_told(app: Servicekonto, *, sessions: int) -> bool:
    make_leases_end(app)
    with inside(app), unit_of_work(read_only=True):
        waiting = sa.select(sa.func.count()).where(Job.kind == logout.TELL, Job.status != JobStatus.DONE)
        over = sa.select(sa.func.count()).where(LoginSession.ended_at.is_not(None))
        return not db.session.scalar(waiting) and db.session.scalar(over) == sessions


def sids_by_state(app: Servicekonto) -> tuple[set[str | None], set[str | None]]:
    """Of sessions that are over, and of those that live."""
    with inside(app), unit_of_work(read_only=True):
        rows = db.session.execute(
            sa.select(Grant.sid, LoginSession.ended_at).join(
                LoginSession, LoginSession.id == Grant.session_id
            )
        ).all()
    over = {sid for sid, ended_at in rows if ended_at is not None}
    return over, {sid for sid, _ended_at in rows} - over


def one_round(
    processes: Processes, senders: list[Person], moment: str, in_hand: Event, dice: random.Random
) -> tuple[bool, bool]:
    """Returns whether the web process died at the chosen moment, and the worker during a delivery."""
    processes.start(WEB, {} if moment == RANDOM else {"SERVICEKONTO_TEST_DIE_AT": moment})
    in_hand.clear()
    processes.start(WORKER)
    wait_until(processes.is_up, every=0.03)
    threads = all_send(processes, senders)
    if moment == RANDOM:
        time.sleep(dice.uniform(0, 0.15))  # the random moment itself
    web_died = moment != RANDOM and comes_true(lambda: processes.has_died(WEB), 30)
    processes.kill(WEB)
    for thread in threads:
        thread.join()
    was_in_hand = in_hand.wait(10)
    time.sleep(dice.uniform(0, 0.05))
    processes.kill(WORKER)
    return web_died, was_in_hand


def slow(received: Receiver, in_hand: Event) -> None:
    """The website takes its time, so that there is a moment between its having been told and its answer."""

    def take_time() -> None:
        in_hand.set()
        time.sleep(0.1)

    received.before_answer = take_time


@pytest.mark.slow
def test_killed_again_and_again_each_website_is_told_and_none_of_a_session_that_lives(
    committed_app: Servicekonto, own_urls: DatabaseUrls
) -> None:
    dice, in_hand = random.Random(23), Event()  # noqa: S311 - no secret
    rounds: list[tuple[bool, bool]] = []
    with receiver() as received, processes_for(own_urls) as processes:
        people = prepare(
            committed_app, received.uri, number=len(WEB_DIES_AT) * (AT_ONCE + 1) + ABANDONED + LIVING
        )
        slow(received, in_hand)
        abandon_some(committed_app)
        sent: list[Person] = []
        for moment in WEB_DIES_AT:
            lock_somebody(committed_app)
            make_leases_end(committed_app)
            senders = [people.pop(0) for _number in range(AT_ONCE)]
            sent += senders
            rounds.append(one_round(processes, senders, moment, in_hand, dice))
        processes.start(WEB)
        processes.start(WORKER)
        wait_until(processes.is_up)
        for person in sent:
            if not person.is_acknowledged:
                answer = person.send(processes)
                assert answer is not None and answer.status == 303
        ended = len(sent) + len(rounds) + ABANDONED
        wait_until(lambda: is_all_told(committed_app, sessions=ended))

    over, living = sids_by_state(committed_app)
    with inside(committed_app), unit_of_work(read_only=True):
        told = [claims_of(token)["sid"] for token in received.tokens]
    assert len(over) == 2 * ended
    assert len(living) == 2 * LIVING
    assert set(told) == over
    assert sum(died for died, _in_hand in rounds) == 5, "chosen moments that came"
    assert sum(was for _died, was in rounds) >= 5, "deliveries that were cut off"
    assert len(told) > len(over), "told again after the answer was lost"
