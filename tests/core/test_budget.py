"""The bucket, the daily cap, the pause and the breaker, over arbitrary sequences of simulated time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ytarchive.core.budget import (
    BURST,
    STRIKES_TO_OPEN,
    EgressState,
    Limits,
    fits,
    fresh,
    may_spend,
    refill,
    spend,
    struck,
    succeeded,
)
from ytarchive.core.instant import DAY, HOUR

NOW = 1_700_000_000


def test_a_new_address_may_spend_at_once() -> None:
    state = refill(fresh("default", NOW), Limits(), NOW)
    assert may_spend(state, Limits(), NOW, last_spent_at=NOW) is None


def test_after_a_rebuild_the_bucket_is_empty_because_nobody_knows_what_was_spent() -> None:
    state = refill(fresh("default", NOW, rebuilt=True), Limits(), NOW)
    wait = may_spend(state, Limits(), NOW, last_spent_at=None)
    assert wait is not None
    assert wait.until == NOW + 15  # one token at 250 an hour is 14.4 s
    assert may_spend(refill(state, Limits(), wait.until), Limits(), wait.until, last_spent_at=None) is None


@given(st.lists(st.integers(0, 600), min_size=1, max_size=400), st.integers(1, 1000))
def test_no_more_is_spent_than_the_burst_and_the_hourly_rate(gaps: list[int], rate: int) -> None:
    limits = Limits(videos_per_hour=rate, pause_seconds=0)
    state, now, spent = fresh("default", NOW), NOW, 0
    for gap in gaps:
        now += gap
        state = refill(state, limits, now)
        if may_spend(state, limits, now, last_spent_at=None) is None:
            state = spend(state, limits)
            spent += 1
    assert spent <= BURST + (now - NOW) * rate / HOUR + 1


@given(st.integers(0, 5), st.integers(0, 500))
def test_waiting_as_told_is_always_enough(tokens: int, rate: int) -> None:
    limits = Limits(videos_per_hour=rate)
    state = refill(EgressState(tokens=float(tokens), tokens_at=NOW), limits, NOW)
    now: int = NOW
    while wait := may_spend(state, limits, now, last_spent_at=float(NOW)):
        assert wait.until > now
        now = wait.until
        state = refill(state, limits, now)
    assert now - NOW <= HOUR


def test_the_pause_begins_when_the_bucket_is_below_half() -> None:
    limits = Limits(pause_seconds=5)
    full = EgressState(tokens=BURST, tokens_at=NOW)
    low = EgressState(tokens=BURST / 2 - 1, tokens_at=NOW)
    assert may_spend(full, limits, NOW + 1, last_spent_at=NOW) is None
    wait = may_spend(low, limits, NOW + 1, last_spent_at=NOW)
    assert wait is not None
    assert (wait.until, wait.why) == (NOW + 5, "pause between downloads")
    assert may_spend(low, limits, NOW + 5, last_spent_at=NOW) is None


def test_limits_of_zero_are_off() -> None:
    limits = Limits(videos_per_hour=0, per_day=0, pause_seconds=5)
    state = refill(fresh("default", NOW, rebuilt=True), limits, NOW)
    for _ in range(1000):
        assert may_spend(state, limits, NOW, last_spent_at=NOW) is None
        state = spend(state, limits)


def test_the_daily_cap_holds_until_the_next_day() -> None:
    limits = Limits(per_day=2, videos_per_hour=0)
    state = refill(fresh("default", NOW), limits, NOW)
    state = spend(spend(state, limits), limits)
    wait = may_spend(state, limits, NOW, last_spent_at=None)
    assert wait is not None
    assert wait.until == (NOW // DAY + 1) * DAY
    assert may_spend(refill(state, limits, wait.until), limits, wait.until, last_spent_at=None) is None


def test_a_clock_that_jumps_back_gives_no_tokens_and_no_new_day() -> None:
    state = EgressState(tokens=1, tokens_at=NOW, day=NOW // DAY, spent_today=7)
    back = refill(state, Limits(), NOW - 10 * DAY)
    assert (back.tokens, back.spent_today, back.day) == (1, 7, NOW // DAY)


def test_one_throttled_video_alone_leaves_the_address_open() -> None:
    state = struck(fresh("default", NOW), "BOT_CHECK", (6 * HOUR, DAY), NOW)
    assert may_spend(state, Limits(), NOW, last_spent_at=None) is None
    assert succeeded(state).strikes == 0


def test_the_same_code_on_three_videos_in_a_row_opens_the_breaker() -> None:
    state = fresh("default", NOW)
    for _ in range(STRIKES_TO_OPEN):
        state = struck(state, "BOT_CHECK", (6 * HOUR, DAY), NOW)
    wait = may_spend(state, Limits(), NOW, last_spent_at=None)
    assert wait is not None
    assert wait.until == NOW + 6 * HOUR
    assert "BOT_CHECK" in wait.why


def test_other_codes_in_turn_do_not_add_up() -> None:
    state = fresh("default", NOW)
    for code in ("BOT_CHECK", "CAPTCHA", "SESSION_LIMIT", "HTTP_429"):
        state = struck(state, code, (HOUR,), NOW)
    assert state.open_until == 0


def test_a_probe_that_fails_again_keeps_the_breaker_open_for_the_next_longer_time() -> None:
    lengths = (6 * HOUR, DAY, 3 * DAY)
    state = EgressState(strikes=STRIKES_TO_OPEN, strike_code="BOT_CHECK", open_until=NOW)
    for length in (DAY, 3 * DAY, 3 * DAY):
        state = struck(state, "BOT_CHECK", lengths, NOW)
        assert state.open_until == NOW + length


def test_twice_the_size_must_fit_above_what_stays_free() -> None:
    assert fits(free_bytes=100, reserved_bytes=20, needed_bytes=20, min_free_bytes=40)
    assert not fits(free_bytes=100, reserved_bytes=21, needed_bytes=20, min_free_bytes=40)
