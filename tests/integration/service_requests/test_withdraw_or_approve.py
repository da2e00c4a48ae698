"""The citizen withdraws while the approver approves: real commits, real threads, one winner each time."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from servicekonto.accounts.models import Account
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ConflictError
from servicekonto.core.ids import new_proof_code
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.notices import commands as notices
from servicekonto.notifications.models import Mail
from servicekonto.postbox.models import Message
from servicekonto.service_requests import queries
from servicekonto.service_requests.commands import closing, decisions
from servicekonto.service_requests.models import EventKind, ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY, create_account, sign_in
from tests.builders.requests import PDF, Registry, create_registry, create_service_request
from tests.support.client import FreshContextClient

ROUNDS = 50
NEWS = {Status.WITHDRAWN: "request_withdrawn", Status.NOTIFIED: "news_in_postbox"}
LAST = {Status.WITHDRAWN: EventKind.WITHDRAWN, Status.NOTIFIED: EventKind.NOTIFIED}


@pytest.fixture(autouse=True)
def database() -> None:
    """Here every test has a database of its own."""


@pytest.fixture
def app_with_proposals(committed_app: Servicekonto) -> Iterator[tuple[Servicekonto, Registry, list[UUID]]]:
    with committed_app.app_context(), scoped(SYSTEM):
        registry, citizen = create_registry(), create_account()
        proposals = [
            create_service_request(citizen, status=Status.DECISION_PROPOSED, registry=registry).id
            for _ in range(ROUNDS)
        ]
        yield committed_app, registry, proposals


def test_of_withdrawing_and_approving_exactly_one_wins(
    app_with_proposals: tuple[Servicekonto, Registry, list[UUID]],
) -> None:
    app, registry, proposals = app_with_proposals
    start = threading.Barrier(2)

    def withdraw(request_id: UUID) -> None:
        account = db.session.get_one(ServiceRequest, request_id).account
        found = queries.get_sent(request_id, account, for_update=True)
        closing.withdraw(found, by=account, at=SOME_DAY)

    def approve(request_id: UUID) -> None:
        approver = db.session.merge(registry.approver, load=False)
        found = queries.get_for_staff(request_id, approver, for_update=True)
        decisions.approve(found, by=approver, at=SOME_DAY)

    def raced(act: Callable[[UUID], None]) -> Iterator[str]:
        for request_id in proposals:
            with app.app_context(), scoped(SYSTEM):
                start.wait()
                try:
                    with unit_of_work():
                        act(request_id)
                    yield "won"
                except ConflictError:
                    yield "lost"

    with ThreadPoolExecutor(2) as pool:
        outcomes = zip(*pool.map(lambda act: list(raced(act)), (withdraw, approve)), strict=True)

    assert {frozenset(Counter(pair).items()) for pair in outcomes} == {frozenset({("won", 1), ("lost", 1)})}
    for request_id in proposals:
        assert_all_say_the_same(request_id)


def test_of_two_forms_sent_at_the_same_time_exactly_one_wins(
    app_with_proposals: tuple[Servicekonto, Registry, list[UUID]],
) -> None:
    """By HTTP, as two browsers send them."""
    app, registry, proposals = app_with_proposals
    app.config["WTF_CSRF_ENABLED"] = False
    citizen = db.session.get_one(ServiceRequest, proposals[0]).account
    start = threading.Barrier(2)

    def browser(account: Account, path: str) -> Callable[[], list[int]]:
        client = FreshContextClient(app, app.response_class)
        sign_in(client, account)

        def send() -> list[int]:
            answers = []
            for request_id in proposals:
                start.wait()
                form = {"idempotency_key": str(uuid4())}
                answers.append(client.post(path.format(request_id), data=form).status_code)
            return answers

        return send

    browsers = (
        browser(citizen, "/antraege/{}/zurueckziehen"),
        browser(registry.approver.account, "/behoerde/antraege/{}/freigabe"),
    )
    with ThreadPoolExecutor(2) as pool:
        outcomes = zip(*pool.map(lambda send: send(), browsers), strict=True)

    assert {frozenset(pair) for pair in outcomes} == {frozenset({303, 409})}
    for request_id in proposals:
        assert_all_say_the_same(request_id)


def assert_all_say_the_same(request_id: UUID) -> None:
    """Status, history, decision, messages."""
    db.session.expire_all()
    with unit_of_work():
        found = db.session.get_one(ServiceRequest, request_id)
        notices.serve(found, PDF, code=new_proof_code(), at=SOME_DAY)
    last = found.history[-1]
    messages = db.session.scalars(sa.select(Message).where(Message.service_request_id == request_id)).all()
    was_withdrawn = found.status is Status.WITHDRAWN
    assert last.to_status is found.status
    assert last.kind is LAST[found.status]
    assert [event.sequence for event in found.history] == list(range(1, found.event_count + 1))
    assert found.decision is not None
    assert (found.decision.approved_at is None) == was_withdrawn
    assert len(messages) == (0 if was_withdrawn else 1)
    assert sum(event.kind in {EventKind.WITHDRAWN, EventKind.DECIDED} for event in found.history) == 1


def test_every_outcome_was_told_once(
    app_with_proposals: tuple[Servicekonto, Registry, list[UUID]],
) -> None:
    """The mails are as many as the outcomes: nobody is told both."""
    _app, registry, proposals = app_with_proposals
    for number, request_id in enumerate(proposals[:4]):
        with unit_of_work():
            found = db.session.get_one(ServiceRequest, request_id)
            if number % 2:
                closing.withdraw(found, by=found.account, at=SOME_DAY)
            else:
                decisions.approve(found, by=registry.approver, at=SOME_DAY)
        assert_all_say_the_same(request_id)

    counted = Counter(db.session.scalars(sa.select(Mail.template)))
    assert (counted["request_withdrawn"], counted["news_in_postbox"]) == (2, 2)
