import pytest

from servicekonto.core.errors import InvalidTransitionError
from servicekonto.service_requests import history
from servicekonto.service_requests.models import EventKind
from servicekonto.service_requests.status import Status
from tests.builders.accounts import SOME_DAY
from tests.builders.requests import create_registry, create_service_request

pytestmark = pytest.mark.usefixtures("database")


def test_the_whole_way_is_written_down_in_order_with_the_person_who_acted() -> None:
    registry = create_registry()
    done = create_service_request(status=Status.NOTIFIED, registry=registry)

    clerk, approver, citizen = registry.clerk.account_id, registry.approver.account_id, done.account_id
    assert [(event.kind, event.to_status, event.actor_id) for event in done.history] == [
        (EventKind.CREATED, Status.DRAFT, citizen),
        (EventKind.SUBMITTED, Status.SUBMITTED, citizen),
        (EventKind.RECEIVED, Status.RECEIVED, None),
        (EventKind.TAKEN, Status.IN_REVIEW, clerk),
        (EventKind.DECISION_PROPOSED, Status.DECISION_PROPOSED, clerk),
        (EventKind.DECIDED, Status.DECIDED, approver),
        (EventKind.NOTIFIED, Status.NOTIFIED, None),
    ]
    assert [event.sequence for event in done.history] == list(range(1, 8))
    assert done.event_count == 7


def test_who_proposes_what_inside_the_authority_is_not_shown_to_the_citizen() -> None:
    done = create_service_request(status=Status.NOTIFIED)

    internal = {event.kind for event in done.history if not event.is_public}

    assert internal == {EventKind.DECISION_PROPOSED}


def test_a_forbidden_transition_changes_nothing() -> None:
    received = create_service_request()
    before = (received.event_count, len(received.history), received.updated_at)

    with pytest.raises(InvalidTransitionError):
        history.move(received, Status.DECIDED, EventKind.DECIDED, by=None, at=SOME_DAY)

    assert received.status is Status.RECEIVED
    assert (received.event_count, len(received.history), received.updated_at) == before
