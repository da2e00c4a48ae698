from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts import sign_in_flows
from servicekonto.accounts.devices import Browser
from servicekonto.accounts.models import Account, AccountKind
from servicekonto.accounts.sign_in_flows import Given
from servicekonto.core.db import db, unit_of_work
from servicekonto.data_protection import tasks
from servicekonto.jobs.registry import handlers
from servicekonto.notifications.models import Mail
from servicekonto.service_requests.commands import closing
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account
from tests.builders.requests import create_registry, create_service_request

pytestmark = pytest.mark.usefixtures("database")

END = 731


def days(number: float) -> datetime:
    return SOME_DAY + timedelta(days=number)


def run(*numbers: float) -> list[int]:
    return [tasks.treat_unused_accounts(at=days(number)) for number in numbers]


def reminders(account: Account) -> list[Mail]:
    query = sa.select(Mail).where(Mail.template == "account_unused", Mail.account_id == account.id)
    return list(db.session.scalars(query.order_by(Mail.created_at)))


def is_there(account: Account) -> bool:
    db.session.refresh(account)
    return account.email is not None


def sign_in(account: Account, *, at: datetime) -> None:
    sign_in_flows.sign_in(account.email or "", Given(password=PASSWORD), browser=Browser(address=None), at=at)


def test_signing_in_is_remembered() -> None:
    account = create_account()

    sign_in(account, at=days(3))

    db.session.refresh(account)
    assert account.last_signed_in_at == days(3)


def test_60_30_and_7_days_before_one_mail_each_then_it_goes() -> None:
    account = create_account(last_signed_in_at=SOME_DAY)

    counts = []
    for number in (END - 61, END - 60, END - 59, END - 30, END - 29, END - 7, END - 6, END - 0.1):
        assert run(number) == [0]
        counts.append(len(reminders(account)))
    assert counts == [0, 1, 1, 2, 2, 3, 3, 3]
    assert is_there(account)
    assert "Am 23.11.2028" in str(reminders(account)[0].body)

    assert run(END) == [1]
    assert not is_there(account)


def test_signing_in_once_starts_the_time_anew() -> None:
    account = create_account(last_signed_in_at=SOME_DAY)
    run(END - 60, END - 30, END - 7)

    sign_in(account, at=days(END - 1))

    assert run(END, END + 100) == [0, 0]
    assert run(2 * END - 1 - 60) == [0]
    assert len(reminders(account)) == 4


def test_a_running_request_stops_it_and_its_end_lets_it_go_on_with_all_reminders() -> None:
    registry = create_registry()
    request = create_service_request(registry=registry, status=Status.IN_REVIEW)
    account = request.account

    assert run(END - 60, END, END + 50) == [0, 0, 0]
    assert reminders(account) == []
    with unit_of_work():
        found = db.session.get_one(ServiceRequest, request.id)
        closing.close(found, reason="Die Sache hat sich erledigt.", by=registry.clerk, at=days(END + 51))

    assert run(END + 52, END + 82, END + 105, END + 111) == [0, 0, 0, 0]
    assert len(reminders(account)) == 3
    assert run(END + 112) == [1]


def test_when_the_worker_begins_late_the_end_is_late_too() -> None:
    account = create_account()

    assert run(5 * END) == [0]
    assert len(reminders(account)) == 1
    assert run(5 * END + 59) == [0]
    assert len(reminders(account)) == 2, "the two that are overdue are one mail"
    assert run(5 * END + 60) == [1]


@pytest.mark.parametrize(
    "overrides",
    [
        {"kind": AccountKind.STAFF},
        {"kind": AccountKind.OPERATOR},
        {"confirmed_at": None},
        {"locked_at": SOME_DAY},
    ],
)
def test_accounts_of_others_and_locked_ones_are_left_alone(overrides: dict[str, Any]) -> None:
    account = create_account(**overrides)

    assert run(END - 60, END, 2 * END) == [0, 0, 0]
    assert reminders(account) == [] and is_there(account)


def test_the_workers_do_it_once_a_day() -> None:
    assert handlers()["data_protection.inactivity"].every == timedelta(days=1)
