"""The bucket, the daily cap, windows, pauses, the breaker and the rate, over arbitrary stretches of simulated time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.egress import (
    CAUTION_SECONDS,
    LOWEST_PER_HOUR,
    STRIKES_TO_OPEN,
    EgressState,
    Limits,
    distrusted,
    is_slowed,
    left_in_hour,
    may_spend,
    rate_of,
    released,
    renewed,
    spend,
    struck,
    succeeded,
)
from ytarchive.core.instant import DAY, HOUR, MINUTE
from ytarchive.core.windows import Windows

NOW = 1_700_000_000
LENGTHS = (6 * HOUR, DAY, 3 * DAY)
NEW = EgressState()


def spent(state: EgressState, limits: Limits, times: int, now: int = NOW) -> EgressState:
    for number in range(times):
        state = spend(state, limits, now, job=f"j{number}", jitter=0.5)
    return replace(state, pause_until=0)


def throttled(
    state: EgressState, limits: Limits, now: int = NOW, times: int = STRIKES_TO_OPEN
) -> EgressState:
    for number in range(times):
        state = struck(state, limits, "BOT_CHECK", LENGTHS, now, job=f"video {number}", asked_at=NOW)
    return state


def test_a_new_address_may_spend_at_once() -> None:
    assert may_spend(renewed(NEW, Limits(), NOW), Limits(), NOW) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 900) | st.sampled_from([3480, 3539, 3540, 3599]), st.floats(0, 1)),
        min_size=1,
        max_size=200,
    ),
    st.integers(1, 4) | st.integers(1, 60),
    st.sampled_from([None, 1.0, 7.5, 30.0, 400.0]),
)
def test_no_hour_sees_more_than_the_bucket_holds(
    steps: list[tuple[int, float]], setting: int, rate: float | None
) -> None:
    limits = Limits(videos_per_hour=setting, pause_seconds=0)
    state, now = EgressState(rate=rate), NOW
    let_out: list[int] = []
    for gap, jitter in steps:
        now += gap
        state = renewed(state, limits, now)
        if may_spend(state, limits, now) is None:
            state = spend(state, limits, now, job="j", jitter=jitter)
            let_out.append(now)
    bucket = max(1, int(min(setting, rate or setting)))
    for first in let_out:
        assert sum(first <= at < first + HOUR for at in let_out) <= bucket


@given(
    st.integers(0, 120),
    st.integers(1, 500),
    st.sampled_from([None, 30.0]),
    st.sampled_from([Windows(), Windows(((22 * HOUR, 6 * HOUR),), 3600)]),
    st.integers(0, 2),
    st.floats(0, 1),
)
def test_waiting_as_told_is_always_enough(
    before: int, setting: int, rate: float | None, windows: Windows, per_day: int, jitter: float
) -> None:
    limits = Limits(setting, per_day, 5, windows)
    state = replace(spent(EgressState(rate=rate), limits, before), pause_until=NOW + round(100 * jitter))
    now, looks = NOW, 0
    while wait := may_spend(renewed(state, limits, now), limits, now):
        assert wait.until > now
        now, looks = wait.until, looks + 1
    assert looks <= 6
    assert now - NOW <= 2 * DAY


def test_tokens_come_back_one_hour_after_they_were_spent() -> None:
    limits = Limits(videos_per_hour=3, pause_seconds=0)
    state = spent(NEW, limits, 3)
    wait = may_spend(state, limits, NOW)
    assert wait is not None
    assert NOW + HOUR <= wait.until <= NOW + HOUR + MINUTE
    assert "3 videos an hour" in wait.why
    assert left_in_hour(renewed(state, limits, wait.until), limits) == 3


def test_a_lowered_limit_waits_for_as_many_tokens_as_it_lacks() -> None:
    state = spent(NEW, Limits(videos_per_hour=100), 5)
    state = spent(state, Limits(videos_per_hour=100), 5, NOW + 600)
    wait = may_spend(state, Limits(videos_per_hour=6), NOW + 700)
    assert wait is not None
    assert NOW + HOUR <= wait.until <= NOW + HOUR + MINUTE
    wait = may_spend(state, Limits(videos_per_hour=2), NOW + 700)
    assert wait is not None
    assert wait.until >= NOW + 600 + HOUR


def test_limits_of_zero_are_off() -> None:
    limits = Limits(videos_per_hour=0, per_day=0, pause_seconds=5)
    state = distrusted("guest", NOW)
    for _ in range(1000):
        assert may_spend(state, limits, NOW) is None
        state = spend(state, limits, NOW, job="j", jitter=1)
    assert throttled(state, limits).rate == state.rate


def test_the_daily_cap_holds_until_midnight_on_the_wall() -> None:
    limits = Limits(per_day=2, videos_per_hour=0, windows=Windows(offset_seconds=2 * HOUR))
    state = spent(renewed(NEW, limits, NOW), limits, 2)
    wait = may_spend(state, limits, NOW)
    assert wait is not None
    assert (wait.until + 2 * HOUR) % DAY == 0
    assert NOW < wait.until <= NOW + DAY
    assert may_spend(renewed(state, limits, wait.until), limits, wait.until) is None


def test_outside_the_windows_nothing_goes_out() -> None:
    noon = NOW // DAY * DAY + 12 * HOUR
    limits = Limits(windows=Windows(((22 * HOUR, 6 * HOUR),)))
    wait = may_spend(NEW, limits, noon)
    assert wait is not None
    assert wait.until == noon + 10 * HOUR
    assert may_spend(NEW, limits, noon + 10 * HOUR) is None


@given(st.integers(0, 249), st.floats(0, 1))
def test_pauses_grow_as_the_bucket_empties(before: int, jitter: float) -> None:
    limits = Limits(videos_per_hour=250, pause_seconds=5)
    state = spend(spent(NEW, limits, before), limits, NOW, job="j", jitter=jitter)
    pause = state.pause_until - NOW if state.pause_until else 0
    left = 250 - before - 1
    if left >= 125:
        assert pause == 0
    elif left >= 25:
        assert 5 <= pause <= 10
    elif left:
        assert HOUR / left * 0.5 <= pause <= (HOUR + MINUTE) / left


def test_an_address_that_was_throttled_gets_no_bursts() -> None:
    state = replace(NEW, rate=60.0)
    for jitter in (0.0, 0.5, 1.0):
        pause = spend(state, Limits(), NOW, job="j", jitter=jitter).pause_until - NOW
        assert 48 <= pause <= 72


def test_a_clock_that_jumps_back_gives_nothing_and_keeps_nothing_shut_for_years() -> None:
    limits = Limits(videos_per_hour=5, per_day=9)
    state = spent(renewed(NEW, limits, NOW), limits, 5)
    back = renewed(state, limits, NOW - DAY)
    assert (back.spent_in_hour, back.spent_today) == (5, 5)
    far = EgressState(
        spent=((NOW // MINUTE, 5),),
        pause_until=NOW,
        open_until=NOW,
        careful_until=NOW,
        rate_at=NOW,
        day=NOW // DAY,
        spent_today=9,
    )
    now = NOW - 10_000 * DAY
    while wait := may_spend(renewed(far, limits, now), limits, now):
        far = renewed(far, limits, now)
        now = wait.until
    assert now <= NOW - 10_000 * DAY + 5 * DAY


def test_after_the_index_was_lost_an_address_starts_at_the_lowest_rate() -> None:
    assert rate_of(distrusted("guest", NOW), Limits()) == LOWEST_PER_HOUR
    assert rate_of(distrusted("guest", NOW), Limits(videos_per_hour=10)) == 10
    assert is_slowed(distrusted("guest", NOW), Limits())


def test_one_throttled_video_alone_leaves_the_address_open() -> None:
    state = throttled(NEW, Limits(), times=1)
    assert may_spend(state, Limits(), NOW) is None
    assert rate_of(state, Limits()) == 250
    assert succeeded(state, Limits(), NOW, job="other", asked_at=NOW + 99 * DAY).strikes == 0


def test_the_same_code_on_three_videos_in_a_row_opens_the_breaker() -> None:
    wait = may_spend(throttled(NEW, Limits()), Limits(), NOW)
    assert wait is not None
    assert wait.until == NOW + 6 * HOUR
    assert "BOT_CHECK" in wait.why


def test_other_codes_in_turn_do_not_add_up() -> None:
    state = NEW
    for code in ("BOT_CHECK", "CAPTCHA", "SESSION_LIMIT", "HTTP_429"):
        state = struck(state, Limits(), code, (HOUR,), NOW, job=code, asked_at=NOW)
    assert (state.open_until, state.openings) == (0, 0)


def test_after_its_time_one_video_alone_probes_and_its_success_closes_the_breaker() -> None:
    limits = Limits()
    state = renewed(throttled(NEW, limits), limits, NOW + 6 * HOUR)
    later = NOW + 6 * HOUR
    assert may_spend(state, limits, later) is None
    state = spend(state, limits, later, job="probe", jitter=0)
    wait = may_spend(state, limits, later)
    assert wait is not None
    assert "one video goes first" in wait.why
    assert succeeded(state, limits, later, job="from before", asked_at=NOW + 99 * DAY) == state
    assert may_spend(released(state, job="from before"), limits, later) is not None
    closed = replace(succeeded(state, limits, later, job="probe", asked_at=NOW + 99 * DAY), pause_until=0)
    assert (closed.openings, closed.probe, closed.strikes) == (0, None, 0)
    assert may_spend(closed, limits, later) is None


@pytest.mark.parametrize("job", ["probe", None])
def test_a_probe_that_told_nothing_makes_room_for_another(job: str | None) -> None:
    limits = Limits(pause_seconds=0)
    state = renewed(throttled(NEW, limits), limits, NOW + DAY)
    state = spend(state, limits, NOW + DAY, job="probe", jitter=0)
    state = replace(released(state, job=job), pause_until=0)
    assert may_spend(state, limits, NOW + DAY) is None
    assert spend(state, limits, NOW + DAY, job="next", jitter=0).probe == "next"


def test_a_probe_that_fails_opens_the_breaker_for_the_next_longer_time_at_the_same_rate() -> None:
    limits = Limits()
    state = throttled(NEW, limits)
    rate = state.rate
    now = NOW
    for length in (DAY, 3 * DAY, 3 * DAY):
        now = state.open_until
        state = spend(renewed(state, limits, now), limits, now, job="probe", jitter=0)
        assert struck(state, limits, "BOT_CHECK", LENGTHS, now, job="from before", asked_at=NOW) == state
        state = struck(state, limits, "BOT_CHECK", LENGTHS, now, job="probe", asked_at=NOW)
        assert (state.open_until, state.probe, state.rate) == (now + length, None, rate)


@given(
    st.lists(
        st.tuples(st.sampled_from(["spend", "fine", "throttled", "nothing"]), st.integers(0, 2 * HOUR)),
        max_size=120,
    )
)
def test_while_the_breaker_is_not_closed_at_most_one_probe_is_out(steps: list[tuple[str, int]]) -> None:
    limits = Limits(videos_per_hour=1000, pause_seconds=0)
    state, now, out, probes = NEW, NOW, [], set[str]()
    for number, (what, gap) in enumerate(steps):
        now += gap
        state = renewed(state, limits, now)
        if what == "spend":
            if may_spend(state, limits, now) is None:
                job = f"j{number}"
                if state.openings:
                    assert not probes
                    assert state.open_until <= now
                    probes.add(job)
                state = spend(state, limits, now, job=job, jitter=0)
                out.append(job)
        elif out:
            job = out.pop(0)
            if what == "fine":
                state = succeeded(state, limits, now, job=job, asked_at=NOW + 99 * DAY)
            elif what == "throttled":
                state = struck(state, limits, "HTTP_429", LENGTHS, now, job=job, asked_at=NOW)
            else:
                state = released(state, job=job)
            probes.discard(job)
        assert rate_of(state, limits) <= limits.videos_per_hour
        assert rate_of(state, limits) >= LOWEST_PER_HOUR


def test_throttling_halves_what_was_asked_and_stays_below_it_for_days() -> None:
    limits = Limits(videos_per_hour=1000)
    state = throttled(spent(NEW, limits, 300), limits)
    assert state.rate == 150
    now, rates = state.open_until, []
    state = succeeded(
        spend(state, limits, now, job="p", jitter=0), limits, now, job="p", asked_at=NOW + 99 * DAY
    )
    while now < NOW + CAUTION_SECONDS:
        rates.append(rate_of(state, limits))
        now += HOUR
        state = succeeded(state, limits, now, job="j", asked_at=NOW + 99 * DAY)
    assert rates[:3] == pytest.approx([150, 165, 181.5])
    assert max(rates) == 240
    for _ in range(20):
        now += HOUR
        state = succeeded(state, limits, now, job="j", asked_at=NOW + 99 * DAY)
    assert state.rate is None
    assert rate_of(state, limits) == 1000


def test_a_ban_after_few_videos_halves_what_was_allowed_and_no_more() -> None:
    state = throttled(spent(NEW, Limits(), 5), Limits())
    assert (state.rate, state.careful_until) == (125, 0)


def test_the_rate_has_a_floor() -> None:
    state = throttled(replace(NEW, rate=31.0), Limits())
    assert state.rate == LOWEST_PER_HOUR
    assert throttled(NEW, Limits(videos_per_hour=10)).rate == 10


def test_the_rate_creeps_once_an_hour_however_many_succeed() -> None:
    limits = Limits()
    state = replace(NEW, rate=100.0, rate_at=NOW)
    for minute in range(119):
        state = succeeded(state, limits, NOW + minute * MINUTE, job="j", asked_at=NOW + 99 * DAY)
    assert state.rate == pytest.approx(110)


def test_a_strike_begins_the_hour_of_success_anew() -> None:
    limits = Limits()
    state = replace(NEW, rate=100.0, rate_at=NOW)
    state = struck(state, limits, "HTTP_429", LENGTHS, NOW + 50 * MINUTE, job="j", asked_at=NOW)
    assert succeeded(state, limits, NOW + 70 * MINUTE, job="j", asked_at=NOW + 99 * DAY).rate == 100


def test_a_download_that_ends_after_the_trouble_began_does_not_excuse_it() -> None:
    limits, code = Limits(), "BOT_CHECK"
    state = NEW
    for number in range(STRIKES_TO_OPEN):
        state = struck(state, limits, code, LENGTHS, NOW, job=f"j{number}", asked_at=NOW - 10 + number)
        state = succeeded(state, limits, NOW, job="large", asked_at=NOW - 11)
    assert state.openings == 1
    state = struck(NEW, limits, code, LENGTHS, NOW, job="j", asked_at=NOW - 10)
    assert succeeded(state, limits, NOW, job="small", asked_at=NOW - 10).strikes == 0
