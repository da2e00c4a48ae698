"""From the inbox to the decision: one takes it and proposes, another approves."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from servicekonto.authorities.kinds import Role
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.errors import ConflictError, NotAllowedError
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.service_requests import queries
from servicekonto.service_requests.commands import decisions, processing
from servicekonto.service_requests.models import Decision, EventKind, Outcome, RequestEvent, ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import SOME_DAY, sign_in
from tests.builders.authorities import create_staff_member
from tests.builders.requests import REASONS, Registry, create_registry, create_service_request
from tests.support.client import PageClient
from tests.support.threads import at_the_same_time


def page_of(client: PageClient, request_id: UUID, registry: Registry, who: str) -> str:
    sign_in(client, getattr(registry, who).account)
    return f"/behoerde/antraege/{request_id}"


def refreshed(service_request: ServiceRequest) -> ServiceRequest:
    db.session.expire_all()
    return service_request


def test_a_request_goes_from_the_inbox_to_the_decision(client: PageClient) -> None:
    registry = create_registry()
    received = create_service_request(registry=registry)
    path = page_of(client, received.id, registry, "clerk")
    assert str(received.reference) in client.get("/behoerde/").text

    client.follow(client.get(path).form("/uebernehmen").submit(client))
    form = client.get(path).form("/entscheidung")
    client.follow(form.submit(client, outcome="granted", reasons=REASONS))
    assert refreshed(received).status is Status.DECISION_PROPOSED

    sign_in(client, registry.approver.account)
    client.follow(client.get(path).form("/freigabe").submit(client))

    assert refreshed(received).status is Status.DECIDED
    assert received.decision and received.decision.approved_by_id == registry.approver.account_id
    assert received.decision.reasons == REASONS


def test_the_same_person_cannot_approve(client: PageClient, app: Servicekonto) -> None:
    registry = create_registry()
    both = create_staff_member(roles=[Role.CLERK, Role.APPROVER], display_name="Petra Beides")
    one = Registry(clerk=both, approver=registry.approver)
    proposed = create_service_request(status=Status.DECISION_PROPOSED, registry=one)
    path = page_of(client, proposed.id, one, "clerk")

    page = client.get(path)
    assert not page.select("form[action$='/freigabe']")
    app.config["WTF_CSRF_ENABLED"] = False
    answers = [
        client.client.post(
            f"{path}/{what}", data={"idempotency_key": UUID(int=number), "reason": "anders bitte"}
        )
        for number, what in enumerate(("freigabe", "rueckgabe"))
    ]
    app.config["WTF_CSRF_ENABLED"] = True

    assert [answer.status_code for answer in answers] == [403, 403]
    assert refreshed(proposed).status is Status.DECISION_PROPOSED


def test_whoever_may_not_approve_by_role_cannot(client: PageClient) -> None:
    registry = create_registry()
    proposed = create_service_request(status=Status.DECISION_PROPOSED, registry=registry)
    second_clerk = create_staff_member(display_name="Lars Stempel")

    with pytest.raises(NotAllowedError):
        decisions.approve(proposed, by=second_clerk, at=SOME_DAY)
    with pytest.raises(NotAllowedError):
        decisions.send_back(proposed, reason="anders bitte", by=second_clerk, at=SOME_DAY)

    assert proposed.status is Status.DECISION_PROPOSED


@pytest.mark.usefixtures("database")
def test_the_database_itself_keeps_the_four_eyes() -> None:
    proposed = create_service_request(status=Status.DECISION_PROPOSED)
    at = {"approved_by_id": Decision.proposed_by_id, "approved_at": SOME_DAY}

    with pytest.raises(IntegrityError, match="four_eyes"), db.session.begin_nested():
        db.session.execute(sa.update(Decision).where(Decision.service_request_id == proposed.id).values(**at))


@pytest.mark.usefixtures("database")
def test_the_approver_sends_it_back_and_the_next_proposal_replaces_it() -> None:
    registry = create_registry()
    request = create_service_request(status=Status.DECISION_PROPOSED, registry=registry)

    decisions.send_back(request, reason="Bitte § 62 nennen.", by=registry.approver, at=SOME_DAY)
    assert (request.status, request.decision and request.decision.return_reason) == (
        Status.IN_REVIEW,
        "Bitte § 62 nennen.",
    )
    decisions.propose(
        request, outcome=Outcome.REFUSED, reasons="Kein Eintrag (§ 62).", by=registry.clerk, at=SOME_DAY
    )
    decisions.approve(request, by=registry.approver, at=SOME_DAY)

    assert request.decision and request.decision.outcome is Outcome.REFUSED
    assert request.decision.return_reason is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Decision)) == 1


@pytest.mark.usefixtures("database")
def test_approving_again_changes_nothing() -> None:
    registry = create_registry()
    decided = create_service_request(status=Status.DECIDED, registry=registry)
    events = decided.event_count

    decisions.approve(decided, by=registry.approver, at=SOME_DAY)

    assert (decided.status, decided.event_count) == (Status.DECIDED, events)


@pytest.mark.usefixtures("database")
def test_only_whose_name_is_on_it_proposes() -> None:
    registry = create_registry()
    request = create_service_request(status=Status.IN_REVIEW, registry=registry)

    with pytest.raises(NotAllowedError):
        decisions.propose(
            request, outcome=Outcome.GRANTED, reasons=REASONS, by=registry.approver, at=SOME_DAY
        )

    assert request.status is Status.IN_REVIEW and request.decision is None


@pytest.mark.usefixtures("database")
def test_a_request_is_handed_to_a_colleague_of_the_same_unit_only() -> None:
    registry = create_registry()
    request = create_service_request(status=Status.IN_REVIEW, registry=registry)
    colleague = create_staff_member(display_name="Ewa Ordnung")
    elsewhere = create_staff_member(units=["passport_office"])

    processing.assign(request, colleague, by=registry.clerk, at=SOME_DAY)
    with pytest.raises(NotAllowedError):
        processing.assign(request, elsewhere, by=registry.clerk, at=SOME_DAY)

    assert request.assignee_id == colleague.id
    assert request.history[-1].kind is EventKind.ASSIGNED


@pytest.mark.usefixtures("database")
def test_what_is_finished_is_taken_by_nobody() -> None:
    registry = create_registry()
    done = create_service_request(status=Status.NOTIFIED, registry=registry)
    done.assignee_id = None

    with pytest.raises(ConflictError):
        processing.take(done, by=registry.clerk, at=SOME_DAY)


def test_a_form_without_reasons_keeps_what_was_typed(client: PageClient) -> None:
    registry = create_registry()
    request = create_service_request(status=Status.IN_REVIEW, registry=registry)
    path = page_of(client, request.id, registry, "clerk")

    form = client.get(path).form("/entscheidung")
    page = client.checked(form.submit(client, outcome="refused", reasons="zu kurz"), 422)

    assert page.form("/entscheidung").values["reasons"] == ["zu kurz"]
    assert page.form("/entscheidung").values["outcome"] == ["refused"]
    assert "mindestens einem Satz" in page.text
    assert refreshed(request).status is Status.IN_REVIEW


def test_of_two_clerks_who_take_it_at_once_the_second_is_told(committed_app: Servicekonto) -> None:
    committed_app.config["WTF_CSRF_ENABLED"] = False
    with committed_app.app_context(), scoped(SYSTEM):
        registry = create_registry()
        clerks = [registry.clerk, create_staff_member(display_name="Lars Stempel")]
        request_id = create_service_request(registry=registry).id
        tokens = [sign_in(committed_app.test_client(), clerk.account) for clerk in clerks]

    def take(number: int) -> int:
        client = committed_app.test_client()
        client.set_cookie("servicekonto", tokens[number], domain="localhost")
        return client.post(f"/behoerde/antraege/{request_id}/uebernehmen").status_code

    assert sorted(at_the_same_time(take, times=2)) == [303, 409]
    with committed_app.app_context(), scoped(SYSTEM), unit_of_work(read_only=True):
        taken = sa.select(sa.func.count()).where(RequestEvent.kind == EventKind.TAKEN)
        assert db.session.scalar(taken) == 1


@pytest.mark.usefixtures("database")
def test_a_change_on_top_of_somebody_elses_is_refused() -> None:
    registry = create_registry()
    request = create_service_request(registry=registry)
    seen = queries.get_for_staff(request.id, registry.clerk)
    db.session.execute(sa.text("update service_request set version = version + 1"))

    with pytest.raises(sa.orm.exc.StaleDataError), db.session.begin_nested():
        processing.take(seen, by=registry.clerk, at=SOME_DAY)
