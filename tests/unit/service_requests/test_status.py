from servicekonto.service_requests import labels
from servicekonto.service_requests.models import EventKind, Outcome
from servicekonto.service_requests.status import AT_AUTHORITY, OPEN_AT_AUTHORITY, TRANSITIONS, Status


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


def test_from_everywhere_there_is_a_way_to_the_end() -> None:
    assert [status for status in Status if Status.NOTIFIED not in reachable_from(status)] == []
    assert [status for status in Status if not TRANSITIONS[status]] == [Status.NOTIFIED]


def test_an_authority_sees_what_has_arrived() -> None:
    assert {Status.DRAFT, Status.SUBMITTED}.isdisjoint(AT_AUTHORITY)
    assert [status for status in AT_AUTHORITY if status not in OPEN_AT_AUTHORITY] == [Status.NOTIFIED]


def test_everything_has_words_that_people_read() -> None:
    assert set(labels.STATUS) == set(Status)
    assert set(labels.FOR_STAFF) == AT_AUTHORITY
    assert set(labels.EVENTS) == set(EventKind)
    assert set(labels.OUTCOMES) == set(labels.OUTCOME_NAMES) == set(Outcome)
