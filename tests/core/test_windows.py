"""Times of day, by a clock on the wall that differs from UTC."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.instant import DAY, HOUR, MINUTE
from ytarchive.core.windows import Windows, span

MIDNIGHT = 1_700_006_400
NIGHT = Windows((span("22:00-06:00"),))
MEALS = Windows((span("08:00-09:00"), span("12:30-13:00")), -5 * HOUR)


def test_a_span_is_read_as_seconds_since_midnight() -> None:
    assert span("22:05-06:00") == (22 * HOUR + 5 * MINUTE, 6 * HOUR)


@pytest.mark.parametrize(
    ("windows", "at", "opens_at", "closes_at"),
    [
        (NIGHT, 12 * HOUR, 22 * HOUR, 12 * HOUR),
        (NIGHT, 22 * HOUR, 22 * HOUR, 30 * HOUR),
        (NIGHT, 3 * HOUR, 3 * HOUR, 6 * HOUR),
        (NIGHT, 6 * HOUR, 22 * HOUR, 6 * HOUR),
        (MEALS, 0, 13 * HOUR, 0),  # 19:00 there
        (MEALS, 14 * HOUR, 17 * HOUR + 30 * MINUTE, 14 * HOUR),
        (MEALS, 18 * HOUR, 37 * HOUR, 18 * HOUR),
        (Windows((span("05:00-05:00"),)), 9 * HOUR, 9 * HOUR, 29 * HOUR),
        (Windows(), 9 * HOUR, 9 * HOUR, None),
    ],
)
def test_windows_open_and_close_by_the_wall(
    windows: Windows, at: int, opens_at: int, closes_at: int | None
) -> None:
    assert windows.opens_at(MIDNIGHT + at) == MIDNIGHT + opens_at
    closes = windows.closes_at(MIDNIGHT + at)
    assert closes == (None if closes_at is None else MIDNIGHT + closes_at)


@given(
    st.lists(st.tuples(st.integers(0, DAY - 1), st.integers(0, DAY - 1)), min_size=1, max_size=3),
    st.integers(-12, 14),
    st.integers(0, DAY),
)
def test_the_next_opening_is_open_and_within_a_day(
    spans: list[tuple[int, int]], offset_hours: int, at: int
) -> None:
    windows = Windows(tuple(spans), offset_hours * HOUR)
    opens_at = windows.opens_at(MIDNIGHT + at)
    assert MIDNIGHT + at <= opens_at <= MIDNIGHT + at + DAY
    assert windows.opens_at(opens_at) == opens_at
    closes_at = windows.closes_at(opens_at)
    assert closes_at is not None
    assert closes_at > opens_at
