"""When the backlog will be done; whether that comes true is in tests/reconciler/test_pass_egress.py."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.egress import EgressState, Limits, distrusted, renewed, spend
from ytarchive.core.forecast import Forecast, Pace, forecast
from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.windows import Windows, span

NOW = 1_700_006_400
NEW = EgressState()


def hours(told: Forecast) -> float:
    assert told.ends_at is not None
    return (told.ends_at - NOW) / HOUR


def test_nothing_to_do_is_done_now() -> None:
    assert forecast(0, NEW, Limits(), NOW) == Forecast(0, 250, NOW)


def test_a_backlog_takes_its_hours() -> None:
    assert hours(forecast(2000, NEW, Limits(), NOW)) == 8


def test_what_the_bucket_holds_goes_out_at_the_workers_pace_and_then_with_pauses() -> None:
    pace = Pace(download_seconds=8, slots=4)
    assert hours(forecast(100, NEW, Limits(), NOW, pace)) * HOUR == 200
    assert hours(forecast(200, NEW, Limits(), NOW, pace)) * HOUR == 812


def test_slow_downloads_bound_what_the_address_would_allow() -> None:
    told = forecast(1000, NEW, Limits(), NOW, Pace(download_seconds=144, slots=2))
    assert (told.videos_per_hour, hours(told)) == (50, 20)
    assert forecast(7200, NEW, Limits(videos_per_hour=0), NOW, Pace(1.0, 2)).ends_at == NOW + HOUR


def test_without_any_limit_nobody_knows() -> None:
    assert forecast(10, NEW, Limits(videos_per_hour=0), NOW) == Forecast(10, None, None)


def test_a_ban_is_waited_out_and_the_rate_creeps_up_after_it() -> None:
    state = EgressState(rate=100.0, rate_at=NOW, openings=1, open_until=NOW + 6 * HOUR)
    told = forecast(331, state, Limits(), NOW)
    assert told.videos_per_hour == 100
    assert hours(told) == 6 + 3
    assert hours(forecast(2000, distrusted("guest", NOW), Limits(), NOW)) < 25


def test_the_daily_cap_counts_what_was_spent_today() -> None:
    limits = Limits(videos_per_hour=0, per_day=10)
    state = renewed(NEW, limits, NOW)
    for _ in range(4):
        state = spend(state, limits, NOW, job="j", jitter=0)
    assert forecast(5, state, limits, NOW).ends_at == NOW
    assert forecast(26, state, limits, NOW).ends_at == NOW + 2 * DAY
    assert forecast(200, state, Limits(per_day=100), NOW).ends_at == NOW + 2 * DAY + 30


def test_windows_make_it_longer() -> None:
    limits = Limits(windows=Windows((span("22:00-00:00"),)))
    assert hours(forecast(100, NEW, limits, NOW)) > 22
    told = forecast(1000, NEW, limits, NOW)
    assert told.ends_at == NOW + 2 * DAY
    small = Limits(windows=Windows((span("00:00-00:05"),)))
    assert hours(forecast(200, NEW, small, NOW, Pace(60.0, 1))) > 24


def test_what_takes_more_than_ten_years_has_no_end() -> None:
    assert forecast(100_000, NEW, Limits(per_day=1), NOW).ends_at is None


@given(st.integers(1, 5000), st.integers(1, 1000), st.floats(1, 1000), st.integers(0, 500))
def test_more_to_do_never_ends_sooner_and_never_beats_the_limit(
    backlog: int, setting: int, rate: float, more: int
) -> None:
    limits, state = Limits(videos_per_hour=setting), EgressState(rate=rate, rate_at=NOW)
    told, later = forecast(backlog, state, limits, NOW), forecast(backlog + more, state, limits, NOW)
    assert told.ends_at is not None
    assert later.ends_at is not None
    assert told.ends_at <= later.ends_at + 1
    assert backlog <= setting * ((told.ends_at - NOW) / HOUR + 1) + 1
