"""A demonstration goes back to its first state, while the application runs."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskCliRunner

from config import Mode
from servicekonto.accounts.models import Account, LoginSession
from servicekonto.accounts.queries import by_email
from servicekonto.audit.models import AuditEntry
from servicekonto.authorities.models import Authority
from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs.models import JobStatus
from servicekonto.jobs.worker import Worker
from servicekonto.operations.demo import people
from servicekonto.operations.demo.reset import newest_reset_status
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account, sign_in
from tests.integration.notifications.conftest import configured
from tests.integration.operations.restoring import inside
from tests.integration.operations.test_commands import rows, run
from tests.support.client import PageClient
from tests.support.page import Page

CONFIRM = "/betrieb/zuruecksetzen"
SEEDED = ("account", "staff_member", "offer", "text_template", "service_request", "decision", "message")


def demonstration(app: Servicekonto) -> PageClient:
    """In use: somebody has registered, an authority has changed its contact, the operator is signed in."""
    run(app, "seed", "--demo")
    client = PageClient(app)
    with inside(app), unit_of_work():
        create_account(email="neu@example.org")
        db.session.execute(sa.update(Authority).where(Authority.key == "hanau").values(telephone="06181 1"))
        operator = by_email(people.OPERATOR_EMAIL)
        assert operator is not None
        sign_in(client, operator)
    return client


def press(client: PageClient, page: Page) -> None:
    response = page.form(CONFIRM).submit(client)
    assert response.status_code == 303


def first_state(app: Servicekonto) -> dict[str, int]:
    found = rows(app)
    return {table: found[table] for table in SEEDED}


@pytest.mark.slow
def test_the_operator_resets_the_demonstration_and_everybody_is_signed_out(
    committed_app: Servicekonto,
) -> None:
    run(committed_app, "seed", "--demo")
    before = first_state(committed_app)
    client = demonstration(committed_app)
    with inside(committed_app):
        trail = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0

    press(client, client.get(CONFIRM))
    waiting = client.get("/demo/zuruecksetzen")
    Worker(committed_app).run_until_idle()

    assert waiting.response.headers["Refresh"] == "3"
    assert "Die Demonstration ist zurückgesetzt" in client.get("/demo/zuruecksetzen").text
    assert client.open("/betrieb/").status_code == 303
    assert first_state(committed_app) == before
    with inside(committed_app):
        assert by_email("neu@example.org") is None
        assert db.session.scalar(sa.select(Authority.telephone).where(Authority.key == "hanau")) is None
        assert db.session.scalar(sa.select(sa.func.count()).select_from(LoginSession)) == 0
        assert (db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0) >= trail
    assert "All rules hold" in run(committed_app, "fsck", "--sample", "50")


@pytest.mark.slow
def test_the_command_resets_it_too(committed_app: Servicekonto) -> None:
    demonstration(committed_app)
    with inside(committed_app):
        old = set(db.session.scalars(sa.select(ServiceRequest.id)))

    run(committed_app, "seed", "--demo", "--reset")

    with inside(committed_app):
        assert by_email("neu@example.org") is None
        assert old.isdisjoint(db.session.scalars(sa.select(ServiceRequest.id)))
        assert newest_reset_status() is None


@pytest.mark.slow
def test_a_reset_that_fails_has_changed_nothing(
    committed_app: Servicekonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = demonstration(committed_app)
    before = rows(committed_app)["account"]
    monkeypatch.setattr(people, "STAFF_PASSWORD", None)

    press(client, client.get(CONFIRM))
    Worker(committed_app).run_one()

    assert rows(committed_app)["account"] == before
    with inside(committed_app):
        assert newest_reset_status() is JobStatus.QUEUED


def test_asking_twice_resets_once(committed_app: Servicekonto) -> None:
    client = demonstration(committed_app)
    first, second = client.get(CONFIRM), client.get(CONFIRM)

    press(client, first)
    press(client, second)

    with inside(committed_app):
        waiting = db.session.scalar(sa.text("select count(*) from job where kind = 'demo.reset'"))
    assert waiting == 1


def test_another_website_cannot_ask_for_it(committed_app: Servicekonto) -> None:
    client = demonstration(committed_app)

    assert client.client.post(CONFIRM).status_code == 403
    with inside(committed_app):
        assert newest_reset_status() is None


def test_there_is_no_such_page_and_no_such_command_in_a_real_installation(
    committed_app: Servicekonto,
) -> None:
    client = demonstration(committed_app)
    with inside(committed_app), configured(committed_app, mode=Mode.PRODUCTION):
        assert client.client.get(CONFIRM).status_code == 404
        assert client.client.get("/demo/zuruecksetzen").status_code == 404
        result = FlaskCliRunner(committed_app).invoke(args=["seed", "--demo", "--reset"])
        assert result.exit_code != 0 and "demo" in result.output
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Account))
