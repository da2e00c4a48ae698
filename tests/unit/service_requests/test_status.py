from servicekonto.service_requests import labels
from servicekonto.service_requests.models import EventKind, Outcome
from servicekonto.service_requests.status import (
    AT_AUTHORITY,
    OPEN_AT_AUTHORITY,
    TRANSITIONS,
    Status,
)


def reachable_from(start: Status) -> set[Status]:
    found, waiting = {start}, [start]
    while waiting:
        for following in TRANSITIONS[waiting.pop()] - found:
            found.add(following)
            waiting.append(following)
    return found


def test_every_status_has_its_row_and_can_be_reached() -> None:
    assert set(TRANSITIONS) == set(Status)
    assert reachable_from(Status.DRAFT) == set(Status)


def test_nothing_becomes_a_draft_again_and_nothing_stays_where_it_is() -> None:
    assert all(Status.DRAFT not in following for following in TRANSITIONS.values())
    assert all(status not in following for status, following in TRANSITIONS.items())


def test_what_is_open_goes_on_and_what_is_finished_does_not() -> None:
    finished = AT_AUTHORITY - OPEN_AT_AUTHORITY

    assert {status for status in Status if not TRANSITIONS[status]} == finished
    assert [status for status in Status if not finished & reachable_from(status)] == []


def test_an_authority_sees_what_has_arrived() -> None:
    assert AT_AUTHORITY.isdisjoint({Status.DRAFT, Status.SUBMITTED})
    assert AT_AUTHORITY | {Status.DRAFT, Status.SUBMITTED} == set(Status)


def test_everything_has_words_that_people_read() -> None:
    assert set(labels.STATUS) == set(Status)
    assert set(labels.FOR_STAFF) == set(labels.STAFF_TONES) == AT_AUTHORITY
    assert set(labels.EVENTS) == set(EventKind)
    assert set(labels.OUTCOMES) == set(labels.OUTCOME_NAMES) == set(Outcome)
