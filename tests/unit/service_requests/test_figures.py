"""Percentiles of a histogram, and months as people count them."""

import math
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekonto.service_requests.figures import Span, percentile


@pytest.mark.parametrize(
    ("histogram", "part", "days"),
    [
        ([], 0.5, None),
        ([(3, 1)], 0.5, 3),
        ([(0, 5), (10, 5)], 0.5, 0),
        ([(0, 4), (10, 6)], 0.5, 10),
        ([(1, 80), (2, 15), (9, 5)], 0.8, 1),
        ([(9, 5), (1, 80), (2, 15)], 0.95, 2),
    ],
)
def test_a_percentile_is_the_value_that_so_many_do_not_exceed(
    histogram: list[tuple[int, int]], part: float, days: int | None
) -> None:
    assert percentile(histogram, part) == days


@given(values=st.lists(st.integers(0, 40), min_size=1, max_size=60), part=st.sampled_from([0.5, 0.8, 0.95]))
def test_it_is_the_nearest_rank_of_the_single_values(values: list[int], part: float) -> None:
    expected = sorted(values)[math.ceil(part * len(values)) - 1]

    assert percentile(Counter(values).items(), part) == expected


def test_the_months_go_back_over_new_year() -> None:
    span = Span.until(date(2026, 2, 28), 4)

    assert span.months == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    assert span.begins[0].isoformat() == "2025-11-01T00:00:00+01:00"
