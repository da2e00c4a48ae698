from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from servicekonto.authorities.models import StaffMember
from servicekonto.core.errors import InvalidInputError
from servicekonto.core.sealing import sealed_for_address
from servicekonto.service_requests.inbox import InboxFilter
from servicekonto.service_requests.status import AT_AUTHORITY, Status
from servicekonto.web.cursors import read_cursor, write_cursor
from servicekonto.workbench.inbox_filter import read

pytestmark = pytest.mark.usefixtures("keys")

CLERK = StaffMember(account_id=UUID("01890000-0000-7000-8000-000000000001"))
SOMEBODY = UUID("01890000-0000-7000-8000-000000000000")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({}, InboxFilter()),
        ({"status": "", "wer": "", "suche": ""}, InboxFilter()),
        ({"status": "in_review"}, InboxFilter(status=Status.IN_REVIEW)),
        ({"status": "abgeschlossen"}, InboxFilter(finished=True)),
        ({"wer": "niemand"}, InboxFilter(unassigned=True)),
        ({"wer": "ich"}, InboxFilter(assignee_id=CLERK.id)),
        ({"wer": str(SOMEBODY)}, InboxFilter(assignee_id=SOMEBODY)),
        ({"leistung": "geburtsurkunde"}, InboxFilter(service_key="geburtsurkunde")),
        ({"nach": f"2026-11-23T12:00:00+00:00~{SOMEBODY}"}, InboxFilter(after=(NOON, SOMEBODY))),
        ({"unbekannt": "x"}, InboxFilter()),
    ],
)
def test_an_address_becomes_a_filter(arguments: dict[str, str], wanted: InboxFilter) -> None:
    assert read(arguments, CLERK).filter == wanted


def test_the_next_page_keeps_the_filter_and_only_what_was_chosen() -> None:
    chosen = read({"status": "received", "suche": "", "nach": "", "spion": "1"}, CLERK)

    following = chosen.next_arguments((NOON, SOMEBODY))

    assert following == {"status": "received", "nach": f"2026-11-23T12:00:00+00:00~{SOMEBODY}"}
    assert read(following, CLERK).filter == InboxFilter(status=Status.RECEIVED, after=(NOON, SOMEBODY))


@pytest.mark.parametrize("status", [status.value for status in Status if status not in AT_AUTHORITY])
def test_what_has_not_arrived_cannot_be_asked_for(status: str) -> None:
    with pytest.raises(InvalidInputError):
        read({"status": status}, CLERK)


def test_a_search_is_sealed_for_the_one_who_searches() -> None:
    sealed = sealed_for_address("inbox search", "Müller", reader=CLERK.account_id)

    assert read({"suche": sealed}, CLERK).filter == InboxFilter(search="Müller")
    for foreign in ("Müller", sealed_for_address("inbox search", "Müller", reader=SOMEBODY)):
        with pytest.raises(InvalidInputError):
            read({"suche": foreign}, CLERK)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(["status", "wer", "nach", "suche", "leistung"]), st.text(max_size=300))
)
def test_any_other_address_is_refused_or_harmless(arguments: dict[str, str]) -> None:
    try:
        chosen = read(arguments, CLERK)
    except InvalidInputError:
        return
    assert all(len(text) <= 200 for text in chosen.texts.values())


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.datetimes(min_value=datetime(1900, 1, 1)), st.uuids())  # noqa: DTZ001 - becomes UTC below
def test_a_cursor_comes_back_as_it_was(moment: datetime, row_id: UUID) -> None:
    cursor = moment.replace(tzinfo=UTC), row_id

    assert read_cursor(write_cursor(*cursor)) == cursor
    assert read_cursor(write_cursor(*cursor).replace("+", " ")) == cursor


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=80))
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidInputError):
        read_cursor(text)


def test_a_moment_without_a_place_on_the_clock_of_utc_is_no_cursor() -> None:
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-23T12:00:00"):
        with pytest.raises(InvalidInputError):
            read_cursor(f"{text}~{SOMEBODY}")
