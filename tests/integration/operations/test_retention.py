from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import Base, db, unit_of_work
from servicekonto.core.retention import RULES
from servicekonto.jobs.registry import handlers
from servicekonto.notifications.models import Mail
from servicekonto.operations.retention import tasks
from servicekonto.operations.retention.sweeps import SWEEPS, sweep_all
from servicekonto.service_requests.commands import drafts
from servicekonto.service_requests.models import RequestEvent, ServiceRequest
from servicekonto.web.application import Servicekonto
from servicekonto.web.idempotency import IdempotencyKey
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.requests import create_draft, create_service_request
from tests.integration.data_protection.people import create_full_town
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")


def days(number: float) -> datetime:
    return SOME_DAY + timedelta(days=number)


def reminders(account: Account) -> list[Mail]:
    query = sa.select(Mail).where(Mail.template == tasks.REMINDER, Mail.account_id == account.id)
    return list(db.session.scalars(query))


def is_there(draft: ServiceRequest) -> bool:
    return db.session.scalar(sa.select(sa.exists().where(ServiceRequest.id == draft.id))) is True


def test_a_draft_goes_30_days_after_the_last_edit_with_all_of_its_history() -> None:
    draft, newer = create_draft(), create_draft(at=days(1))

    assert tasks.delete_drafts(at=days(29.9)) == 0
    assert tasks.delete_drafts(at=days(30)) == 1

    assert not is_there(draft) and is_there(newer)
    left = sa.select(sa.func.count()).where(RequestEvent.service_request_id == draft.id)
    assert db.session.scalar(left) == 0


def test_what_was_submitted_stays() -> None:
    submitted = create_service_request()

    tasks.delete_drafts(at=days(1000))

    assert is_there(submitted)


def test_a_week_before_one_mail_reminds_of_all_drafts_of_a_person() -> None:
    account = create_account()
    for hours in range(3):
        create_draft(account, at=SOME_DAY + timedelta(hours=hours))

    assert tasks.remind_of_drafts(at=days(22.9)) == 0
    assert tasks.remind_of_drafts(at=days(23.5)) == 3
    assert tasks.remind_of_drafts(at=days(24)) == 0

    (mail,) = reminders(account)
    assert mail.body is not None
    assert "Am 23.12.2026 löschen wir ihn" in mail.body
    assert "http://localhost/antraege/" in mail.body


def test_the_reminder_tells_nothing_of_the_matter() -> None:
    account = create_account()
    create_draft(account)

    tasks.remind_of_drafts(at=days(23))

    (mail,) = reminders(account)
    for word in ("Geburt", "Urkunde", "Müßig", "Jörg", "Hanau"):
        assert word not in f"{mail.subject} {mail.body}"


def test_saving_a_draft_starts_its_time_and_its_reminder_anew() -> None:
    account = create_account()
    draft = create_draft(account)
    tasks.remind_of_drafts(at=days(23))

    with unit_of_work():
        drafts.save(draft, {"purpose": "pension"}, at=days(25))

    assert tasks.delete_drafts(at=days(54)) == 0
    assert tasks.remind_of_drafts(at=days(48)) == 1
    assert len(reminders(account)) == 2
    assert tasks.delete_drafts(at=days(55)) == 1


def test_a_reminder_is_no_edit() -> None:
    draft = create_draft()
    version = draft.version

    tasks.remind_of_drafts(at=days(23))

    db.session.refresh(draft)
    assert (draft.updated_at, draft.version) == (SOME_DAY, version)


def test_many_drafts_are_taken_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "AT_ONCE", 2)
    account = create_account()
    for _ in range(5):
        create_draft(account)

    assert tasks.remind_of_drafts(at=days(23)) == 5
    assert tasks.delete_drafts(at=days(30)) == 5


def test_the_list_says_until_when_a_draft_is_kept(client: PageClient) -> None:
    account = create_account()
    create_draft(account, at=days(3))
    sign_in(client, account)

    page = client.get("/antraege/")

    assert "Wir löschen ihn am 26.12.2026, wenn Sie ihn nicht mehr ändern." in page.text


def test_keys_of_forms_go_after_30_days() -> None:
    account = create_account()
    with unit_of_work():
        for at in (SOME_DAY, days(1)):
            db.session.add(
                IdempotencyKey(account_id=account.id, key=uuid4(), endpoint="x", location="/", created_at=at)
            )

    with unit_of_work():
        tasks.delete_idempotency_keys(at=days(30.5))

    assert db.session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) == 1


def test_the_workers_do_it_by_themselves() -> None:
    every = {kind: found.every for kind, found in handlers().items()}

    assert every["retention.drafts"] == timedelta(hours=1)
    assert every["retention.idempotency_keys"] == timedelta(days=1)
    assert every["retention.audit_payloads"] == timedelta(days=1)
    assert (every["audit.seal"], every["audit.checkpoint"]) == (timedelta(minutes=1), timedelta(hours=1))


def test_every_rule_is_carried_out_by_something() -> None:
    assert [sweep.rule for sweep in SWEEPS if sweep.rule not in RULES] == []
    assert {rule.what for rule in RULES} == {sweep.rule.what for sweep in SWEEPS}


def rows_of_everything() -> int:
    counts = (sa.select(sa.func.count()).select_from(table) for table in Base.metadata.sorted_tables)
    return sum(db.session.scalar(count) or 0 for count in counts)


def test_a_dry_run_says_what_is_due_and_changes_nothing(app: Servicekonto) -> None:
    account = create_account(last_signed_in_at=clock.now())
    create_draft(account, at=clock.now() - timedelta(days=31))
    create_draft(account, at=clock.now())
    before = rows_of_everything()

    said = app.test_cli_runner().invoke(args=["retention", "run", "--dry-run"])

    assert said.exit_code == 0, said.output
    assert "       1  drafts of requests" in said.output.splitlines()
    assert rows_of_everything() == before


def test_a_run_deletes_what_the_dry_run_has_announced(app: Servicekonto) -> None:
    create_full_town()
    runner, much_later = app.test_cli_runner(), clock.now() + timedelta(days=5 * 366)
    announced = {report.rule.what: report.rows for report in sweep_all(at=much_later, dry_run=True)}

    done = {report.rule.what: report.rows for report in sweep_all(at=much_later, dry_run=False)}

    assert done == announced
    assert announced["drafts of requests"] == 1 and announced["ended sessions"] > 0
    again = {report.rule.what: report.rows for report in sweep_all(at=much_later, dry_run=True)}
    assert set(again.values()) == {0}
    assert runner.invoke(args=["retention", "run"]).exit_code == 0
