import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.audit import Action
from servicekonto.core import clock
from servicekonto.core.db import Base, db, unit_of_work
from servicekonto.core.errors import NotAllowedError, NotFoundError
from servicekonto.data_protection import queries, tasks
from servicekonto.data_protection.commands import deletion
from servicekonto.data_protection.models import AccountDeletion, DeletionCause
from servicekonto.jobs.worker import Worker
from servicekonto.notifications.models import Mail
from servicekonto.service_requests.commands import decisions
from servicekonto.service_requests.models import RequestDocument, ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import PASSWORD, SOME_DAY, create_account, sign_in
from tests.builders.requests import REASONS, create_registry, create_service_request
from tests.builders.town import Town
from tests.integration.data_protection import independent
from tests.integration.data_protection.people import create_full_town
from tests.support.audit_trail import Trail
from tests.support.client import PageClient

pytestmark = pytest.mark.usefixtures("database")

# What the catalogue says that stays: files of authorities, ids and times.
OF_A_REQUEST = {
    *("service_request", "request_event", "service_request_name", "decision", "request_document"),
    *("request_message", "information_request", "internal_note", "place_allocation"),
}
STAYS = {*OF_A_REQUEST, "account_deletion"}


def days(number: float) -> datetime:
    return SOME_DAY + timedelta(days=number)


def request(account: Account, *, at: datetime = SOME_DAY) -> AccountDeletion:
    with unit_of_work():
        return deletion.request(account, by=account, at=at)


def deleted(account: Account) -> None:
    request(account)
    assert tasks.delete_accounts(at=days(14)) == 1


def mails(template: str) -> list[Mail]:
    return list(db.session.scalars(sa.select(Mail).where(Mail.template == template)))


def token_in(mail: Mail) -> str:
    found = re.search(r"/konto/loeschen/anhalten/([\w-]{43})$", mail.body or "", re.MULTILINE)
    assert found is not None, mail.body
    return found[1]


def contents(found: independent.Found) -> dict[str, Sequence[tuple[Any, ...]]]:
    """Every column of these rows, as the database has them."""
    tables = Base.metadata.tables
    queries_by_table = {
        name: sa.select(tables[name]).where(tables[name].c.id.in_(ids)).order_by(tables[name].c.id)
        for name, ids in sorted(found.items())
    }
    return {name: [tuple(row) for row in db.session.execute(q)] for name, q in queries_by_table.items()}


@pytest.fixture
def town() -> Town:
    return create_full_town()


def test_nothing_of_the_person_is_left_but_what_the_catalogue_names(town: Town) -> None:
    before, draft_id = independent.rows_of(town.citizen.id), town.draft.id
    assert before.keys() > STAYS - {"account_deletion", "place_allocation"}

    deleted(town.citizen)

    after = independent.rows_of(town.citizen.id)
    assert set(after) <= STAYS
    assert after["service_request"] == before["service_request"] - {draft_id}


def test_what_was_sent_stays_with_the_authority_and_opens(town: Town) -> None:
    notified = town.requests[Status.NOTIFIED].id

    deleted(town.citizen)

    sent = db.session.get_one(ServiceRequest, notified)
    assert sent.answers is not None and sent.answers["applicant"]["family_name"] == "Müßig-Groß"
    assert sent.decision is not None and sent.decision.reasons == REASONS
    documents = db.session.scalars(
        sa.select(RequestDocument).where(RequestDocument.service_request_id == notified)
    ).all()
    assert documents and all(document.data for document in documents)
    page = town.client("clerk").get(f"/behoerde/antraege/{notified}")
    assert "Müßig-Groß" in page.text


def test_the_account_is_an_empty_row(town: Town) -> None:
    address, index = town.citizen.email, town.citizen.email_index

    deleted(town.citizen)

    row = db.session.get_one(Account, town.citizen.id)
    assert (row.wrapped_key, row.email_sealed, row.language, row.email) == (None, b"", None, None)
    assert row.email_index != index
    assert address is not None
    with unit_of_work():
        assert create_account(email=address).id != row.id


def test_another_persons_rows_are_untouched_to_the_last_byte(town: Town) -> None:
    other = create_account(values={"given_names": "Andere"})
    for status in (Status.IN_REVIEW, Status.NOTIFIED):
        create_service_request(other, status=status, registry=town.registry)
    found = independent.rows_of(other.id)
    before = contents(found)

    deleted(town.citizen)

    assert independent.rows_of(other.id) == found
    assert contents(found) == before


def test_the_authority_is_told_when_it_still_works_on_a_request(town: Town) -> None:
    running, finished = town.requests[Status.IN_REVIEW].id, town.requests[Status.NOTIFIED].id

    deleted(town.citizen)

    clerk = town.client("clerk")
    assert "Das Konto ist gelöscht" in clerk.get(f"/behoerde/antraege/{running}").text
    assert "Das Konto ist gelöscht" not in clerk.get(f"/behoerde/antraege/{finished}").text


def test_a_decision_for_a_deleted_account_is_not_made_known_in_a_postbox_that_nobody_reads(
    app: Servicekonto, town: Town
) -> None:
    proposed = town.requests[Status.DECISION_PROPOSED].id
    deleted(town.citizen)
    with unit_of_work():
        waiting = db.session.get_one(ServiceRequest, proposed)
        decisions.approve(waiting, by=town.registry.approver, at=clock.now())

    Worker(app).run_until_idle()

    db.session.expire_all()
    assert db.session.get_one(ServiceRequest, proposed).status is Status.DECIDED
    assert "message" not in independent.rows_of(town.citizen.id)
    page = town.client("approver").get(f"/behoerde/antraege/{proposed}")
    assert page.has_link("Entscheidung")


def test_the_owner_is_out_at_once_and_cannot_sign_in(client: PageClient) -> None:
    account = create_account()
    sign_in(client, account)
    page = client.get("/konto/loeschen")

    done = client.follow(page.form("/konto/loeschen").submit(client))

    assert done.h1 == "Ihr Konto wird gelöscht"
    assert client.client.get("/konto").location == "/anmelden"
    refused = _try_to_sign_in(client, account.email or "")
    unknown = _try_to_sign_in(client, "niemand@example.org")
    assert refused.response.status_code == unknown.response.status_code == 422
    assert refused.messages == unknown.messages


def _try_to_sign_in(client: PageClient, email: str) -> Any:
    form = client.get("/anmelden").form("/anmelden")
    return client.checked(form.submit(client, email=email, password=PASSWORD), 422)


def test_the_page_warns_of_running_requests_and_names_who_keeps_what(town: Town) -> None:
    page = town.client("citizen").get("/konto/loeschen")

    assert "Sie haben laufende Anträge" in page.messages
    assert page.has_link(str(town.requests[Status.IN_REVIEW].reference))
    assert not page.has_link(str(town.requests[Status.NOTIFIED].reference))
    assert f"müssen sie aufbewahren: {town.registry.clerk.authority.name}." in page.text


def test_accounts_of_staff_end_with_their_work(town: Town) -> None:
    page = town.client("clerk").get("/konto/loeschen")

    assert "verwaltet Ihre Behörde" in page.text
    with pytest.raises(NotAllowedError):
        request(town.registry.clerk.account)


def test_asking_twice_is_asking_once() -> None:
    account = create_account()

    assert request(account).id == request(account, at=days(1)).id
    assert len(mails("deletion_requested")) == 1


def test_not_a_moment_before_the_lock_period_is_over() -> None:
    account = create_account()
    request(account)

    assert tasks.delete_accounts(at=days(13.99)) == 0
    assert tasks.delete_accounts(at=days(14)) == 1
    assert tasks.delete_accounts(at=days(15)) == 0


def test_the_link_in_the_mail_stops_it_once(client: PageClient) -> None:
    account = create_account()
    with unit_of_work():
        deletion.request(account, by=account, at=clock.now())
    (mail,) = mails("deletion_requested")
    path = f"/konto/loeschen/anhalten/{token_in(mail)}"

    done = client.follow(client.get(path).form("/konto/loeschen/anhalten/" + token_in(mail)).submit(client))

    assert "Ihr Konto bleibt bestehen. Sie können sich wieder anmelden." in done.messages
    assert client.get(path, status=404).h1 == "Dieser Link gilt nicht mehr"
    with unit_of_work():
        db.session.refresh(account)
        assert account.locked_at is None
        assert tasks.delete_accounts(at=clock.now() + timedelta(days=20)) == 0
    assert len(mails("deletion_stopped")) == 1


def test_somebody_else_who_is_signed_in_can_open_the_link_too(client: PageClient) -> None:
    account = create_account()
    with unit_of_work():
        deletion.request(account, by=account, at=clock.now())
    token = token_in(mails("deletion_requested")[0])
    sign_in(client, create_account())

    answer = client.get(f"/konto/loeschen/anhalten/{token}").form(token).submit(client)

    assert answer.status_code == 303


def test_an_account_that_was_locked_for_another_reason_stays_locked() -> None:
    account = create_account()
    request(account)
    account.locked_at = days(1)

    with unit_of_work():
        deletion.stop(token_in(mails("deletion_requested")[0]), at=days(2))

    assert account.locked_at == days(1)


def test_when_the_time_is_over_the_link_stops_nothing() -> None:
    request(create_account())
    token = token_in(mails("deletion_requested")[0])

    with pytest.raises(NotFoundError), unit_of_work():
        deletion.stop(token, at=days(14))


def test_three_days_before_one_reminder_with_the_link() -> None:
    account = create_account()
    request(account)

    assert tasks.remind_of_deletions(at=days(10.9)) == 0
    assert tasks.remind_of_deletions(at=days(11)) == 1
    assert tasks.remind_of_deletions(at=days(11.1)) == 0

    (mail,) = mails("deletion_near")
    with unit_of_work():
        deletion.stop(token_in(mail), at=days(12))
    assert tasks.delete_accounts(at=days(14)) == 0


def test_the_last_mail_outlives_the_account_until_it_is_sent(town: Town) -> None:
    address = town.citizen.email

    deleted(town.citizen)

    (mail,) = mails("account_deleted")
    assert (mail.to, mail.account_id) == (address, None)


def test_every_step_is_in_the_audit_trail() -> None:
    account, trail = create_account(), Trail()
    request(account)
    with unit_of_work():
        deletion.stop(token_in(mails("deletion_requested")[0]), at=days(1))
    request(account, at=days(2))
    tasks.delete_accounts(at=days(16))

    about_it = [entry.action for entry in trail.entries if entry.account_id == account.id]
    assert about_it == [
        Action.DELETION_REQUESTED,
        Action.DELETION_STOPPED,
        Action.DELETION_REQUESTED,
        Action.ACCOUNT_DELETED,
    ]


def test_a_worker_killed_in_the_middle_has_deleted_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def dies(_account: Account, *, at: datetime) -> None:
        raise KilledError

    request(town.citizen)
    before = independent.rows_of(town.citizen.id)
    monkeypatch.setattr(deletion, "_empty", dies)
    with pytest.raises(KilledError):
        tasks.delete_accounts(at=days(14))
    assert independent.rows_of(town.citizen.id) == before
    monkeypatch.undo()

    assert tasks.delete_accounts(at=days(14)) == 1
    assert set(independent.rows_of(town.citizen.id)) <= STAYS
    assert len(mails("account_deleted")) == 1


def test_an_account_that_came_back_with_a_backup_is_deleted_again_without_a_mail() -> None:
    registry = create_registry()
    gone, other = create_account(), create_account()
    create_service_request(gone, registry=registry)

    with unit_of_work():
        assert deletion.replay([gone.id, registry.clerk.id], at=days(1)) == 1
    with unit_of_work():
        assert deletion.replay([gone.id], at=days(2)) == 0

    assert [account_id for account_id, _at in queries.deleted_accounts()] == [gone.id]
    assert other.email is not None
    assert mails("account_deleted") == []
    assert queries.deletion_under_way(gone) is None
    assert DeletionCause.OWNER in set(db.session.scalars(sa.select(AccountDeletion.cause)))


def test_the_list_of_deletions_is_printed_and_replayed(app: Servicekonto, tmp_path: Path) -> None:
    gone, back = create_account(), create_account()
    deleted(gone)
    runner = app.test_cli_runner()

    printed = runner.invoke(args=["retention", "deletions"])
    assert printed.output.split()[0] == str(gone.id)
    file = tmp_path / "deletions"
    file.write_text(printed.output + f"\n{back.id}\n")
    replayed = runner.invoke(args=["retention", "replay-deletions", str(file)])

    assert replayed.output == "1 accounts deleted again\n"
    db.session.expire_all()
    assert db.session.get_one(Account, back.id).email is None
