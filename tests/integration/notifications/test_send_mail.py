from datetime import timedelta
from email.message import EmailMessage
from typing import TypeVar

import pytest
import sqlalchemy as sa
import time_machine

from config import Mode
from servicekonto.accounts.models import Account
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.worker import Worker
from servicekonto.notifications import mails
from servicekonto.notifications.models import Mail
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account
from tests.integration.notifications.conftest import configured
from tests.support.mail_server import mail_server

Row = TypeVar("Row", Mail, Job)


def write_mail(email: str | None = None) -> Mail:
    account = create_account(email=email)
    with unit_of_work():
        mails.write("account_exists", to=account, at=clock.now())
    return stored()


def stored() -> Mail:
    return detached(sa.select(Mail))


def job() -> Job:
    return detached(sa.select(Job).where(Job.kind == mails.SEND_MAIL))


def detached(query: sa.Select[Row]) -> Row:
    """Without a transaction left open: the worker runs on the same connection."""
    with unit_of_work(read_only=True):
        db.session.expire_all()
        row = db.session.scalars(query).one()
        db.session.expunge(row)
    return row


def body_of(message: EmailMessage) -> str:
    return str(message.get_content()).replace("\r\n", "\n")


def test_a_mail_arrives_once(app: Servicekonto, smtp_port: int) -> None:
    mail = write_mail("joerg@example.org")

    with mail_server(smtp_port) as received:
        for _ in range(3):
            Worker(app).run_until_idle()

    (message,) = received.messages
    assert received.recipients == [["joerg@example.org"]]
    assert (message["To"], message["Subject"]) == ("joerg@example.org", "Sie haben schon ein Servicekonto")
    assert message["Message-ID"] == f"<{mail.id}@localhost>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Dann müssen Sie nichts tun." in body_of(message)
    assert "http://localhost/anmelden\n" in body_of(message)
    assert stored().sent_at is not None


def test_while_the_server_is_away_the_mail_waits_and_then_arrives_once(
    app: Servicekonto, smtp_port: int
) -> None:
    write_mail()

    with time_machine.travel(clock.now(), tick=False) as traveller:
        Worker(app).run_until_idle()
        assert (job().status, job().last_error) == (JobStatus.QUEUED, "ConnectionRefusedError")
        assert stored().sent_at is None
        traveller.shift(timedelta(minutes=1))
        with mail_server(smtp_port) as received:
            Worker(app).run_until_idle()
            Worker(app).run_until_idle()

    assert len(received.messages) == 1
    assert job().status is JobStatus.DONE


def test_after_it_is_marked_as_sent_even_a_repeated_job_sends_nothing(
    app: Servicekonto, smtp_port: int
) -> None:
    write_mail()
    with mail_server(smtp_port) as received:
        Worker(app).run_until_idle()
        with unit_of_work():
            again = {"status": JobStatus.QUEUED, "done_at": None}
            db.session.execute(sa.update(Job).where(Job.kind == mails.SEND_MAIL).values(**again))
        Worker(app).run_until_idle()

    assert len(received.messages) == 1
    assert job().attempts == 2


def test_an_address_that_is_refused_is_not_tried_again(app: Servicekonto, smtp_port: int) -> None:
    write_mail("refused@example.org")

    with mail_server(smtp_port):
        Worker(app).run_until_idle()

    assert (job().status, job().last_error) == (JobStatus.DEAD, "JobError: refused with code 550")


@pytest.mark.parametrize(
    "address", ["a@example.org\r\nBcc: b@example.org", "a@example.org\nX: y", "a@example.org, b@example.org"]
)
def test_nothing_can_be_smuggled_into_the_headers(app: Servicekonto, smtp_port: int, address: str) -> None:
    mail_id = write_mail().id
    with unit_of_work():
        db.session.get_one(Mail, mail_id).to = address

    with mail_server(smtp_port) as received:
        Worker(app).run_until_idle()

    assert received.messages == []
    assert job().last_error == "ValueError"


def test_in_production_address_and_text_are_gone_after_sending(app: Servicekonto, smtp_port: int) -> None:
    write_mail()

    with configured(app, mode=Mode.PRODUCTION), mail_server(smtp_port) as received:
        Worker(app).run_until_idle()

    mail = stored()
    assert len(received.messages) == 1
    assert mail.sent_at is not None
    assert (mail.to, mail.body, mail.to_sealed, mail.wrapped_key) == (None, None, None, None)


def test_a_demonstration_without_smtp_keeps_the_mail_and_calls_it_sent(app: Servicekonto) -> None:
    write_mail("erika@example.org")

    Worker(app).run_until_idle()

    mail = stored()
    assert mail.sent_at is not None
    assert mail.to == "erika@example.org"


def test_a_mail_that_went_with_its_account_is_no_failure(app: Servicekonto) -> None:
    mail = write_mail()
    with unit_of_work():
        db.session.execute(sa.delete(Mail).where(Mail.id == mail.id))

    Worker(app).run_until_idle()

    assert job().status is JobStatus.DONE


def test_mails_are_kept_for_a_month(app: Servicekonto) -> None:
    write_mail()

    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        Worker(app).run_until_idle()

    assert db.session.scalars(sa.select(Mail)).all() == []


def test_address_and_text_are_not_readable_in_the_database() -> None:
    mail = write_mail("erika@example.org")

    assert b"erika" not in (mail.to_sealed or b"")
    assert b"http" not in (mail.body_sealed or b"")


def test_a_deleted_account_gets_no_mail() -> None:
    account = create_account()
    with unit_of_work():
        db.session.get_one(Account, account.id).destroy_data_key()

    with unit_of_work():
        mails.write("account_exists", to=db.session.get_one(Account, account.id), at=clock.now())

    assert db.session.scalars(sa.select(Mail)).all() == []
