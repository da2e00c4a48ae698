from datetime import UTC, datetime, timedelta

import pytest

from servicekonto.jobs.queue import JobContext, delay_after
from servicekonto.jobs.registry import handler, period_start


@pytest.mark.parametrize(("attempt", "longest"), [(1, 10), (2, 20), (5, 160), (10, 3600), (10_000, 3600)])
def test_the_pause_doubles_up_to_an_hour_and_is_never_the_same_for_all(attempt: int, longest: int) -> None:
    delays = [delay_after(attempt).total_seconds() for _ in range(200)]

    assert longest / 2 <= min(delays) <= max(delays) <= longest
    assert len(set(delays)) > 100


def test_all_workers_find_the_same_start_of_a_period() -> None:
    period = timedelta(hours=6)
    starts = {
        period_start(datetime(2026, 11, 22, 12, 0, 0, microsecond, tzinfo=UTC), period)
        for microsecond in (0, 1, 999_999)
    }

    assert starts == {datetime(2026, 11, 22, 12, 0, tzinfo=UTC)}


def test_two_handlers_for_one_kind_are_refused() -> None:
    @handler("test.twice")
    def first(job: JobContext) -> None: ...

    with pytest.raises(ValueError, match=r"test\.twice"):
        handler("test.twice")(lambda job: None)
