"""``flask seed --demo --volume``: many requests that are as good as those that people make."""

import pypdfium2
import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.accounts.queries import display_name
from servicekonto.authorities.models import StaffMember
from servicekonto.core.db import db
from servicekonto.operations.demo.volume import seed
from servicekonto.operations.demo.volume.inserting import Rows, insert
from servicekonto.operations.demo.volume.seed import NoDemonstrationError, add_volume
from servicekonto.postbox.models import Message
from servicekonto.service_requests import inbox
from servicekonto.service_requests.inbox import InboxFilter
from servicekonto.service_requests.models import Decision, RequestDocument, ServiceRequest
from servicekonto.service_requests.status import FINISHED, OPEN_AT_AUTHORITY, Status
from servicekonto.web.application import Servicekonto
from tests.integration.operations.restoring import inside
from tests.integration.operations.test_commands import rows, run

VOLUME = 2000


def ignore(_number: int) -> None:
    pass


def a_request(status: Status) -> ServiceRequest:
    of_volume = Account.id == ServiceRequest.account_id, Account.demo_label.is_(None)
    query = sa.select(ServiceRequest).join(Account, of_volume[0]).where(*of_volume[1:])
    query = query.where(ServiceRequest.status == status, ServiceRequest.case_id == ServiceRequest.id)
    found = db.session.scalars(query.order_by(ServiceRequest.id)).first()
    assert found is not None
    return found


@pytest.mark.slow
def test_a_volume_keeps_every_rule_and_opens_in_the_workbench(committed_app: Servicekonto) -> None:
    before = rows(committed_app)["service_request"]

    assert "2000 requests written" in run(committed_app, "seed", "--demo", "--volume", str(VOLUME))

    assert rows(committed_app)["service_request"] >= before + VOLUME
    assert "All rules hold" in run(committed_app, "fsck", "--all")
    with inside(committed_app):
        statuses = set(db.session.scalars(sa.select(ServiceRequest.status)))
        assert statuses >= (OPEN_AT_AUTHORITY | FINISHED) - {Status.DECIDED}
        decided = a_request(Status.NOTIFIED)
        assert decided.answers is not None
        assert decided.answers["applicant"]["family_name"] in (decided.applicant_name or "")
        assert display_name(decided.account) == decided.applicant_name
        assert db.session.scalars(sa.select(Decision).filter_by(service_request_id=decided.id)).one().reasons
        assert db.session.scalars(sa.select(Message).filter_by(service_request_id=decided.id)).first()
        assert _clerk_finds(decided)


def _clerk_finds(wanted: ServiceRequest) -> bool:
    """By the name of the applicant."""
    clerk = db.session.get_one(StaffMember, wanted.assignee_id)
    page = inbox.page(clerk, InboxFilter(search=str(wanted.applicant_name)))
    return wanted in page.requests


@pytest.mark.slow
def test_a_volume_that_was_stopped_goes_on_and_repeating_it_changes_nothing(
    committed_app: Servicekonto, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(committed_app, "seed", "--demo")
    written: list[int] = []

    def stop_at_the_second(connection: sa.Connection, batch: Rows) -> None:
        written.append(1)
        insert(connection, batch)
        if len(written) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(seed, "insert", stop_at_the_second)
    with committed_app.app_context(), pytest.raises(KeyboardInterrupt):
        add_volume(3000, progress=ignore)
    monkeypatch.undo()

    assert "2000 requests written" in run(committed_app, "seed", "--demo", "--volume", "3000")
    after = rows(committed_app)
    assert "0 requests written" in run(committed_app, "seed", "--demo", "--volume", "3000")

    assert rows(committed_app) == after
    assert "All rules hold" in run(committed_app, "fsck", "--sample", "20")


def test_there_is_no_volume_without_a_demonstration(committed_app: Servicekonto) -> None:
    with committed_app.app_context(), pytest.raises(NoDemonstrationError):
        add_volume(1, progress=ignore)


@pytest.mark.slow
def test_documents_of_a_volume_are_whole_pages(committed_app: Servicekonto) -> None:
    run(committed_app, "seed", "--demo", "--volume", "1")
    with inside(committed_app):
        request_id = a_request(Status.NOTIFIED).id
        document = db.session.scalars(
            sa.select(RequestDocument).filter_by(service_request_id=request_id)
        ).first()
        assert document is not None and document.data is not None

        pdf = pypdfium2.PdfDocument(document.data)

        assert len(pdf) == 1
        assert "Demonstration" in pdf[0].get_textpage().get_text_bounded()
