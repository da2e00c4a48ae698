"""Websites learn that a session is over (OpenID Connect Back-Channel Logout 1.0)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import sqlalchemy as sa
import time_machine
from joserfc import jws

from servicekonto.accounts import commands, links, recovery, sessions, tasks
from servicekonto.accounts.models import Account, AssuranceLevel, LoginSession, OneTimeLinkPurpose
from servicekonto.core import clock, retention
from servicekonto.core.db import db, unit_of_work
from servicekonto.data_protection.commands import deletion
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.worker import Worker
from servicekonto.oidc import clients, deliveries, forgetting, logout, logout_tasks
from servicekonto.oidc.models import Grant
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import PASSWORD, create_account, encoded_hash, sign_in
from tests.builders.logout import (
    ALGORITHMS,
    Receiver,
    claims_of,
    create_website_with_logout,
    id_token_for,
    receiver,
)
from tests.builders.oidc import REDIRECT_URI, Website, agree, came_back, follow_here, userinfo
from tests.support.client import PageClient

ISSUER = "http://localhost"


@pytest.fixture(autouse=True)
def database_for_all(database: None) -> None:
    """Every test here works on the database."""


@pytest.fixture
def received() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def website(received: Receiver) -> Website:
    return create_website_with_logout(backchannel_logout_uri=received.uri)


@pytest.fixture
def erika(client: PageClient) -> Account:
    account = create_account(email="erika@example.org")
    sign_in(client, account)
    return account


def work(app: Servicekonto) -> None:
    """What the workers do now."""
    Worker(app).run_until_idle()


def jobs(status: JobStatus | None = None) -> list[Job]:
    found = sa.select(Job).where(Job.kind == logout.TELL).execution_options(populate_existing=True)
    return list(db.session.scalars(found if status is None else found.where(Job.status == status)))


def sign_out(client: PageClient) -> None:
    page = client.get("/abmelden")
    client.follow(page.form().submit(client))


def own_session(account: Account) -> LoginSession:
    (found,) = sessions.running_sessions(account, at=clock.now())
    return found


def test_signing_out_here_is_told_the_website_with_a_token_as_the_standard_wants_it(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    id_token = claims_of(id_token_for(client, website))
    sign_out(client)
    assert received.requests == []  # the browser does not wait for it

    work(client.app)

    ((path, headers, body),) = received.requests
    assert path == "/backchannel?of=us"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Host"] == f"127.0.0.1:{received.port}"
    assert list(parse_qs(body.decode())) == ["logout_token"]
    (token,) = received.tokens
    claims = claims_of(token)
    header = jws.extract_compact(token.encode()).headers()
    assert (header["typ"], header["alg"]) == ("logout+jwt", "ES256") and header["kid"]
    assert (claims["iss"], claims["aud"]) == (ISSUER, website.client.client_id)
    assert (claims["sub"], claims["sid"]) == (id_token["sub"], id_token["sid"])
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert claims["exp"] - claims["iat"] == 120
    assert claims["jti"] and "nonce" not in claims
    assert set(claims) == {"iss", "aud", "iat", "exp", "jti", "sub", "sid", "events"}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_logout_token_is_signed_as_the_id_tokens_of_the_website_are(
    client: PageClient, erika: Account, received: Receiver, algorithm: str
) -> None:
    website = create_website_with_logout(backchannel_logout_uri=received.uri, id_token_alg=algorithm)
    id_token_for(client, website)
    sign_out(client)

    work(client.app)

    assert jws.extract_compact(received.tokens[0].encode()).headers()["alg"] == algorithm


def test_the_sid_is_the_same_for_one_website_and_session_and_another_for_every_other(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    other = create_website_with_logout(backchannel_logout_uri=received.uri)
    first, again, elsewhere = (
        claims_of(id_token_for(client, which))["sid"] for which in (website, website, other)
    )
    running = own_session(erika)
    phone = PageClient(client.app)
    sign_in(phone, erika)
    on_the_phone = claims_of(id_token_for(phone, website))["sid"]

    assert first == again
    assert len({first, elsewhere, on_the_phone}) == 3
    assert str(running.id) not in first and len(first) == 43


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
        sessions.start(erika, AssuranceLevel.LOW, clock.now())


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


def test_what_the_website_got_ends_with_the_session_except_what_was_agreed_for_later(
    client: PageClient, website: Website, erika: Account
) -> None:
    id_token_for(client, website)
    id_token_for(client, website)
    kept, ended = db.session.scalars(sa.select(Grant).order_by(Grant.id))
    with unit_of_work():
        kept.scopes = ["offline_access", "openid"]

    sign_out(client)

    db.session.expire_all()
    assert kept.revoked_at is None and ended.revoked_at is not None


def test_an_access_token_ends_with_the_session(client: PageClient, website: Website, erika: Account) -> None:
    code = came_back(agree(client, website.send(client)))["code"]
    token = website.exchange(client, code).get_json()["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    assert PageClient(client.app).client.get("/oidc/userinfo", headers=header).status_code == 200

    sign_out(client)

    assert PageClient(client.app).client.get("/oidc/userinfo", headers=header).status_code == 401


def test_a_code_is_worth_nothing_once_the_end_of_its_session_was_told(
    client: PageClient, website: Website, erika: Account
) -> None:
    """Also one that was made at the same moment, after the grants of the session were looked up."""
    code = came_back(agree(client, website.send(client)))["code"]
    sign_out(client)
    with unit_of_work():
        db.session.execute(sa.update(Grant).values(revoked_at=None))

    assert website.exchange(client, code).get_json()["error"] == "invalid_grant"


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


def test_what_was_granted_in_a_session_ends_with_it_while_the_website_is_disabled(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    code = came_back(agree(client, website.send(client)))["code"]
    token = website.exchange(client, code).get_json()["access_token"]
    with unit_of_work():
        clients.disable(website.client, by=None, at=clock.now())
    sign_out(client)
    work(client.app)

    with unit_of_work():
        clients.enable(website.client, by=None, at=clock.now())

    assert userinfo(client, token).status_code == 401
    assert received.tokens == []


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


def test_toy_13_the_token_of_the_session_changes_with_each_proof(
    client: PageClient, website: Website, erika: Account
) -> None:
    """What was set in the browser before, or copied from it, opens nothing of what was proved since."""
    before = client.client.get_cookie("servicekonto", domain="localhost")
    page = client.checked(website.send(client, prompt="login"), 200)
    page.form("/anmelden/bestaetigen").submit(client, password=PASSWORD)
    after = client.client.get_cookie("servicekonto", domain="localhost")
    assert before is not None and after is not None and before.value != after.value

    thief = PageClient(client.app)
    thief.client.set_cookie("servicekonto", before.value, domain="localhost")

    assert thief.client.get("/konto").status_code == 303
    assert client.client.get("/konto").status_code == 200


def test_toy_14_signing_out_kills_the_cookie_somebody_has_copied(
    client: PageClient, website: Website, erika: Account
) -> None:
    """The session is a row, so it can be ended."""
    copied = client.client.get_cookie("servicekonto", domain="localhost")
    assert copied is not None
    id_token_for(client, website)
    sign_out(client)

    thief = PageClient(client.app)
    thief.client.set_cookie("servicekonto", copied.value, domain="localhost")

    assert came_back(website.send(thief, prompt="none"))["error"] == "login_required"


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


def test_the_owner_sees_where_they_are_signed_in_and_where_they_have_to_sign_out_themselves(
    client: PageClient, website: Website, erika: Account
) -> None:
    id_token_for(client, website)
    assert "sagen wir dort Bescheid" in client.get("/konto/websites").text
    with unit_of_work():
        website.client.backchannel_logout_uri = ""
    assert "Abmelden müssen Sie sich dort selbst" in client.get("/konto/websites").text

    sign_out(client)
    sign_in(client, erika)

    assert "Von hier aus angemeldet" not in client.get("/konto/websites").text


def test_nothing_personal_stands_in_the_queue(
    client: PageClient, website: Website, erika: Account, received: Receiver
) -> None:
    sub = claims_of(id_token_for(client, website))["sub"]
    sign_out(client)

    (job,) = jobs()

    assert set(job.payload) == {"grant_id"}
    assert sub not in str(job.key) and str(erika.id) not in str(job.key)


def test_the_metadata_says_so(client: PageClient) -> None:
    found: dict[str, Any] = client.client.get("/.well-known/openid-configuration").get_json()

    assert found["end_session_endpoint"] == f"{ISSUER}/oidc/end_session"
    assert found["backchannel_logout_supported"] is True
    assert found["backchannel_logout_session_supported"] is True
    assert "sid" in found["claims_supported"]


def test_whether_the_session_is_over_costs_no_statement_of_its_own(
    client: PageClient, website: Website, erika: Account, queries: list[str]
) -> None:
    code = came_back(agree(client, website.send(client)))["code"]
    queries.clear()

    assert website.exchange(client, code).status_code == 200

    assert [text for text in queries if "login_session" in text and text.startswith("SELECT")] == []


def test_signing_out_costs_few_statements(
    client: PageClient, website: Website, erika: Account, queries: list[str]
) -> None:
    id_token_for(client, website)
    page = client.get("/abmelden")
    queries.clear()

    page.form().submit(client)

    assert len(queries) <= 6, queries


def test_who_signed_in_where_is_forgotten_after_a_week_and_then_nobody_is_told(
    client: PageClient, website: Website, erika: Account
) -> None:
    id_token_for(client, website)
    with unit_of_work():
        forgetting.purge(at=clock.now() + timedelta(days=8))

    sign_out(client)

    assert jobs() == []
    assert website.parameters()["redirect_uri"] == REDIRECT_URI
