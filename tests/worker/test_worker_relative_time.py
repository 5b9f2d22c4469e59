"""When a list says that something was published, against when it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.instant import DAY, HOUR, MINUTE
from ytarchive.worker.relative_time import published_between

NOW = 1_795_000_000
YEAR = 365 * DAY


@pytest.mark.parametrize(
    ("text", "youngest", "oldest"),
    [
        ("3 years ago", 3 * YEAR, 4 * YEAR),
        ("Streamed 2 weeks ago", 14 * DAY, 21 * DAY),
        ("Premiered 11 months ago", 11 * 30 * DAY, 12 * 30 * DAY),
        ("50K views • 1 day ago", DAY, 2 * DAY),
        ("5 hours ago (edited)", 5 * HOUR, 6 * HOUR),
        ("1 minute ago", MINUTE, 2 * MINUTE),
        ("8 yr ago", 8 * YEAR, 9 * YEAR),
        ("2mo ago", 2 * 30 * DAY, 3 * 30 * DAY),
        ("30 seconds ago", 30, 31),
    ],
)
def test_a_count_of_units_means_as_many_and_less_than_one_more(text: str, youngest: int, oldest: int) -> None:
    found = published_between(text, NOW)

    assert found is not None
    first, last = found
    assert first <= NOW - oldest < NOW - youngest <= last
    slack = max(2 * (oldest - youngest) // 5, 3 * HOUR)
    assert first >= NOW - oldest - slack - DAY
    assert last <= NOW - youngest + slack + DAY


# As YouTube writes it: whole units, the largest that fits; months and years by several ways of counting.
UNITS: tuple[tuple[str, float], ...] = (
    ("year", YEAR),
    ("year", 366 * DAY),
    ("month", 30 * DAY),
    ("month", 30.44 * DAY),
    ("week", 7 * DAY),
    ("day", DAY),
    ("hour", HOUR),
    ("minute", MINUTE),
    ("second", 1),
)


@given(
    st.sampled_from(UNITS),
    st.integers(1, 19),
    st.floats(0, 0.999),
    st.integers(0, HOUR // 2),
    st.sampled_from(("", "Streamed ", "Premiered ", "1,234 views • ")),
)
def test_what_was_written_from_a_time_leads_back_to_it(
    unit: tuple[str, float], count: int, more: float, stale: int, before: str
) -> None:
    name, seconds = unit
    published = NOW - stale - int((count + more) * seconds)

    found = published_between(f"{before}{count} {name}{'s' if count > 1 else ''} ago", NOW)

    assert found is not None
    assert found[0] <= published <= found[1]


def test_a_date_is_that_day_somewhere_on_earth() -> None:
    found = published_between("Premiered Nov 3, 2026", NOW)

    assert found is not None
    midnight = 1_793_664_000
    assert found[0] < midnight < midnight + DAY <= found[1] + 1 + 12 * HOUR
    assert found[1] - found[0] < 3 * DAY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,234 views",
        "Premieres 11/3/26, 5:00 PM",
        "Scheduled for Nov 3, 2026",
        "Premieres in 3 hours",
        "Feb 31, 2020",
        "99999 years ago",
        "three years ago",
        "agoagoago",
        "1" * 5000 + " years ago",
    ],
)
def test_what_tells_no_time_gives_none(text: str) -> None:
    assert published_between(text, NOW) is None


@given(st.text())
def test_any_text_is_read_or_left(text: str) -> None:
    found = published_between(text, NOW)

    assert found is None or found[0] <= found[1]
