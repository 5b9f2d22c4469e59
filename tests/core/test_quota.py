"""Days of the Data API's quota, and what may be spent on them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.quota import (
    BELIEVED_AFTER_SECONDS,
    URGENT,
    Purpose,
    QuotaClock,
    QuotaLimits,
    QuotaSpent,
    QuotaStanding,
    Wait,
    cost,
    day_of,
    days_charged,
    may_spend,
    renews_at,
    resets_at,
    seen,
)

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
PACIFIC = ZoneInfo("America/Los_Angeles")
NOON = int(datetime(2026, 11, 23, 12, tzinfo=PACIFIC).timestamp())

instants = st.integers(0, 4_000_000_000)
limits = st.builds(QuotaLimits, st.integers(0, 20), st.integers(0, 25))


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    ("now", "day", "ends"),
    [
        ("2026-11-23T07:59:59+00:00", "2026-11-22", "2026-11-23T08:00:00+00:00"),
        ("2026-11-23T08:00:00+00:00", "2026-11-23", "2026-11-24T08:00:00+00:00"),
        ("2026-07-01T06:59:59+00:00", "2026-06-30", "2026-07-01T07:00:00+00:00"),
        ("2026-03-08T09:00:00+00:00", "2026-03-08", "2026-03-09T07:00:00+00:00"),  # a day of 23 hours
        ("2026-11-01T07:00:00+00:00", "2026-11-01", "2026-11-02T08:00:00+00:00"),  # a day of 25 hours
        ("2026-12-31T20:00:00+00:00", "2026-12-31", "2027-01-01T08:00:00+00:00"),
    ],
)
def test_a_day_lasts_from_midnight_to_midnight_in_california(now: str, day: str, ends: str) -> None:
    assert day_of(at(now)) == day
    assert resets_at(at(now)) == at(ends)


def test_a_day_never_comes_before_the_latest_one() -> None:
    assert day_of(NOON, "2026-11-25") == "2026-11-25"
    assert day_of(NOON, "2026-11-21") == "2026-11-23"
    assert resets_at(NOON, "2026-11-25") == at("2026-11-26T08:00:00+00:00")


@given(instants)
def test_a_day_ends_within_25_hours_and_the_next_one_begins(now: int) -> None:
    ends = resets_at(now)

    assert now < ends <= now + 25 * HOUR
    assert day_of(ends - 1) == day_of(now) < day_of(ends)
    assert datetime.fromtimestamp(ends, UTC).astimezone(PACIFIC).hour == 0


@given(limits, st.integers(0, 30), st.integers(1, 5), st.sampled_from(PURPOSES))
def test_what_is_allowed_stays_within_the_budget(
    limit: QuotaLimits, spent: int, units: int, purpose: Purpose
) -> None:
    wait = may_spend(limit, seen(QuotaClock(), NOON), spent, purpose, units, NOON)

    kept = 0 if purpose in URGENT else limit.reserve
    assert (wait is None) == (spent + units <= limit.budget - kept)
    if wait is not None:
        assert wait.until == resets_at(NOON)


def test_a_budget_of_nothing_refuses_everything() -> None:
    for purpose in PURPOSES:
        assert may_spend(QuotaLimits(0, 0), QuotaClock(), 0, purpose, 1, NOON) is not None


def test_a_refusal_says_what_was_spent_and_until_when() -> None:
    limit = QuotaLimits(300, 30)

    assert may_spend(limit, seen(QuotaClock(), NOON), 270, "listing", 1, NOON) == Wait(
        resets_at(NOON),
        "270 of 300 units of the Data API are spent, 30 of them kept for what is new: "
        "there are new ones at 2026-11-24T08:00:00Z",
    )
    assert may_spend(limit, seen(QuotaClock(), NOON), 300, "look", 1, NOON) == Wait(
        resets_at(NOON),
        "300 of 300 units of the Data API are spent: there are new ones at 2026-11-24T08:00:00Z",
    )


def test_nothing_is_spent_while_youtube_refuses() -> None:
    clock = QuotaClock("2026-11-23", None, NOON + 60)

    for purpose in PURPOSES:
        assert may_spend(QuotaLimits(300), clock, 0, purpose, 1, NOON) == Wait(
            NOON + 60, "YouTube says that the quota of the Data API is spent, until 2026-11-23T20:01:00Z"
        )
        assert may_spend(QuotaLimits(300), clock, 0, purpose, 1, NOON + 60) is None


def test_a_refusal_is_an_error_with_its_time_and_a_cure() -> None:
    error = QuotaSpent(Wait(NOON, "all is spent"))

    assert (str(error), error.until) == ("all is spent", NOON)
    assert error.cure


def test_a_clock_that_jumps_back_charges_both_days() -> None:
    ahead = seen(QuotaClock(), NOON + DAY)
    back = seen(ahead, NOON)

    assert days_charged(ahead, NOON + DAY) == ("2026-11-24",)
    assert back == QuotaClock("2026-11-24", NOON)
    assert days_charged(back, NOON) == ("2026-11-23", "2026-11-24")
    assert renews_at(back, NOON) == resets_at(NOON + DAY)
    assert days_charged(QuotaClock(), NOON) == ("2026-11-23",)


def test_a_clock_that_is_right_again_charges_one_day() -> None:
    back = seen(seen(QuotaClock(), NOON + DAY), NOON)

    assert seen(back, NOON + DAY) == QuotaClock("2026-11-24")
    assert days_charged(seen(back, NOON + DAY), NOON + DAY) == ("2026-11-24",)


def test_a_clock_that_was_years_ahead_is_forgotten_after_two_days() -> None:
    ahead = QuotaClock("2031-01-01", None, NOON + 2000 * DAY)
    back = seen(ahead, NOON)
    later = NOON + BELIEVED_AFTER_SECONDS

    assert renews_at(back, NOON) == later
    assert seen(back, later - 1) == back
    assert seen(back, later) == QuotaClock("2026-11-25")


def test_a_clock_that_jumps_back_twice_counts_from_the_second_time() -> None:
    back = seen(seen(QuotaClock("2031-01-01"), NOON), NOON - DAY)

    assert back.behind_since == NOON - DAY
    assert seen(back, NOON).behind_since == NOON - DAY


@given(st.lists(instants, min_size=1, max_size=12))
def test_the_latest_day_is_charged_until_the_clock_is_believed(looks: list[int]) -> None:
    clock = QuotaClock()
    for now in looks:
        before, clock = clock, seen(clock, now)
        days = days_charged(clock, now)
        assert day_of(now) in days
        assert clock.latest in days
        assert clock.latest >= before.latest or clock.latest == day_of(now)
        assert renews_at(clock, now) > now


def test_the_standing_of_a_day_adds_up() -> None:
    standing = QuotaStanding(
        "2026-11-23", QuotaLimits(300, 30), (("listing", 200), ("look", 50)), NOON, coming=70
    )

    assert (standing.total, standing.forecast) == (250, 320)
    assert (standing.left("listing"), standing.left("details")) == (20, 20)
    assert (standing.left("look"), standing.left("metadata")) == (50, 50)


def test_nothing_is_left_while_youtube_refuses_and_never_less_than_nothing() -> None:
    paused = QuotaStanding("2026-11-23", QuotaLimits(300, 30), (), NOON, paused_until=NOON)
    beyond = QuotaStanding("2026-11-23", QuotaLimits(10, 30), (("look", 20),), NOON)

    assert {paused.left(purpose) for purpose in PURPOSES} == {0}
    assert {beyond.left(purpose) for purpose in PURPOSES} == {0}


@pytest.mark.parametrize(("count", "units"), [(0, 1), (1, 1), (50, 1), (51, 2), (5000, 100), (100_000, 2000)])
def test_a_unit_buys_fifty_lines(count: int, units: int) -> None:
    assert cost(count) == units
