from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from servicekonto.authorities.kinds import Role
from servicekonto.authorities.models import StaffMember, StaffRole
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.data_protection.commands import deletion
from servicekonto.data_protection.models import DeletionCause
from servicekonto.jobs.models import Job
from servicekonto.jobs.worker import Worker
from servicekonto.service_requests.commands import decisions
from servicekonto.service_requests.models import RequestDocument, ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from servicekonto.web.idempotency import IdempotencyKey
from tests.builders.accounts import SOME_DAY
from tests.builders.requests import create_draft, create_registry, create_service_request
from tests.integration.operations.breaking import break_by_sql
from tests.integration.operations.restoring import flask, inside, refusal


@pytest.fixture
def town(committed_app: Servicekonto) -> Iterator[Servicekonto]:
    """Every rule holds: all jobs are done."""
    with inside(committed_app):
        registry = create_registry()
        create_draft()
        for status in (Status.RECEIVED, Status.DECISION_PROPOSED, Status.NOTIFIED):
            create_service_request(status=status, registry=registry)
        with unit_of_work():
            account_id = db.session.scalars(sa.select(ServiceRequest.account_id).limit(1)).one()
            db.session.add(key_for(account_id, the_request(Status.RECEIVED)))
    Worker(committed_app).run_until_idle()
    yield committed_app
    with inside(committed_app):
        db.session.remove()


def key_for(account_id: UUID, request_id: UUID) -> IdempotencyKey:
    return IdempotencyKey(
        account_id=account_id,
        key=uuid4(),
        endpoint="service_requests.submit",
        location=f"/antraege/{request_id}/eingang",
        created_at=SOME_DAY,
    )


def the_request(status: Status) -> UUID:
    return db.session.scalars(sa.select(ServiceRequest.id).where(ServiceRequest.status == status)).one()


def test_where_every_rule_holds_nothing_is_found(town: Servicekonto) -> None:
    assert "All rules hold" in flask(town, "fsck", "--all")
    assert "All rules hold" in flask(town, "fsck", "--sample", 1, "--repair")


DAMAGE = {
    "status_is_the_last_of_the_history": "update service_request set status = 'in_review'"
    " where status = 'received'",
    "history_has_no_gap": "delete from request_event where sequence = 2",
    "steps_are_allowed": "update request_event set from_status = 'draft' where to_status = 'in_review'",
    "steps_follow_each_other": "update request_event set from_status = 'received' where sequence = 2",
    "submitted_is_complete": "update service_request set answers_sealed = null where status = 'received'",
    "proposed_has_an_open_decision": "delete from decision",
    "decided_is_approved": "update decision set approved_at = null, approved_by_id = null",
    "approved_is_in_the_history": "update decision set approved_at = proposed_at where approved_at is null",
    "notified_has_its_document": "delete from request_document where kind = 'decision'",
    "notified_has_its_message": "delete from message",
    "message_has_its_document": "update message set document_kind = 'receipts'",
    "names_are_indexed_where_it_is": "update service_request_name set authority_id ="
    " (select id from authority where key = 'kassel')",
    "receipt_is_there_or_on_its_way": "delete from request_document where kind = 'receipt'",
    "decision_is_on_its_way": "update service_request set status = 'decided' where status = 'notified'",
    "mail_is_sent_or_on_its_way": "update mail set sent_at = null",
    "job_is_not_given_up": "update job set status = 'dead', done_at = null where kind = 'make_receipt'",
    "job_is_of_a_known_kind": "update job set status = 'queued', done_at = null, kind = 'knit_socks'",
    "key_has_an_outcome": "update idempotency_key set location = null",
    "acknowledged_is_stored": "update service_request set submitted_at = null where status = 'received'",
    "row_points_to_a_row": "delete from unit",
    "document_is_unchanged": "update request_document set size = size + 1",
    "sealed_opens": "update request_document set data_sealed ="
    " (select data_sealed from request_document where kind = 'decision')",
}


@pytest.mark.parametrize("rule", DAMAGE)
def test_a_broken_rule_is_found(town: Servicekonto, rule: str) -> None:
    break_by_sql(town, DAMAGE[rule])

    told = refusal(town, "fsck")

    assert f"{rule}: " in told


def test_only_rules_and_ids_are_told(town: Servicekonto) -> None:
    with inside(town):
        broken = the_request(Status.RECEIVED)
    break_by_sql(town, DAMAGE["submitted_is_complete"], DAMAGE["sealed_opens"])

    told = refusal(town, "fsck", "--all")

    assert f"submitted_is_complete: 1 in service_request\n  {broken}\n" in told
    for name in ("Jörg", "Müßig", "joerg", "example.org", "Sorgfalt", "HE-2026"):
        assert name not in told


def test_a_key_that_the_configuration_does_not_name_is_found_everywhere(town: Servicekonto) -> None:
    break_by_sql(town, "update message set wrapped_key = (select wrapped_key from account limit 1)")

    assert "sealed_opens: 1 in message.wrapped_key" in refusal(town, "fsck")


def test_destroying_a_data_key_is_no_damage(town: Servicekonto) -> None:
    with inside(town), unit_of_work():
        db.session.get_one(ServiceRequest, the_request(Status.NOTIFIED)).destroy_data_key()

    assert "All rules hold" in flask(town, "fsck", "--all")


def test_lost_work_is_enqueued_and_done_again(town: Servicekonto) -> None:
    break_by_sql(town, DAMAGE["receipt_is_there_or_on_its_way"])

    assert "3 jobs enqueued" in refusal(town, "fsck", "--repair")
    assert "All rules hold" in flask(town, "fsck")
    Worker(town).run_until_idle()

    assert "All rules hold" in flask(town, "fsck", "--all")
    with inside(town):
        receipts = sa.select(sa.func.count()).where(RequestDocument.kind == "receipt")
        assert db.session.scalar(receipts) == 3


def test_repairing_twice_makes_nothing_twice(town: Servicekonto) -> None:
    break_by_sql(town, "update mail set sent_at = null", "delete from job")

    refusal(town, "fsck", "--repair")
    flask(town, "fsck", "--repair")

    with inside(town):
        mails = db.session.scalar(sa.text("select count(*) from mail"))
        assert db.session.scalar(sa.select(sa.func.count()).where(Job.kind == "send_mail")) == mails


def test_what_cannot_be_repaired_safely_is_left_as_it_is(town: Servicekonto) -> None:
    break_by_sql(town, DAMAGE["status_is_the_last_of_the_history"])

    assert "0 jobs enqueued" in refusal(town, "fsck", "--repair")
    assert "status_is_the_last_of_the_history" in refusal(town, "fsck")


def test_after_an_account_is_deleted_every_rule_holds(town: Servicekonto) -> None:
    with inside(town):
        for status in (Status.DECISION_PROPOSED, Status.NOTIFIED):
            request = the_request(status)
            with unit_of_work():
                account = db.session.get_one(ServiceRequest, request).account
                deletion.delete_now(account, cause=DeletionCause.OWNER, at=clock.now())
        with unit_of_work():
            proposed = db.session.get_one(ServiceRequest, the_request(Status.DECISION_PROPOSED))
            approver = db.session.scalars(
                sa.select(StaffMember).join(StaffRole).where(StaffRole.role == Role.APPROVER)
            ).one()
            decisions.approve(proposed, by=approver, at=clock.now())
    Worker(town).run_until_idle()

    assert "All rules hold" in flask(town, "fsck", "--all")
