"""When to try again."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ytarchive.core.backoff import LONGEST_WAIT_SECONDS, SPREAD, longest_wait_seconds, next_attempt_at
from ytarchive.core.failure_table import CODES, RULES, Exponential, Steps, policy
from ytarchive.core.instant import DAY, HOUR, MINUTE

# The machine may be busy: a slow example is no failure.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NOW = 1_790_000_000
codes = st.sampled_from(sorted(CODES))
jitters = st.floats(0, 1)
times = st.integers(0, 2**40)


@patient
@given(codes, st.integers(-3, 10**6), times, jitters, st.none() | times)
def test_an_attempt_is_never_before_now_nor_beyond_the_cap(
    code: str, attempts: int, now: int, jitter: float, until: int | None
) -> None:
    at = next_attempt_at(code, attempts, now, jitter=jitter, until=until)

    assert now < at
    assert at <= now + LONGEST_WAIT_SECONDS * (1 + SPREAD)


@patient
@given(codes, st.integers(1, 60), jitters)
def test_an_attempt_is_within_its_bound_and_the_bound_never_shrinks(
    code: str, attempts: int, jitter: float
) -> None:
    wait = next_attempt_at(code, attempts, NOW, jitter=jitter) - NOW

    assert wait <= longest_wait_seconds(code, attempts) <= longest_wait_seconds(code, attempts + 1)


@patient
@given(codes, st.integers(1, 60), st.tuples(jitters, jitters).map(sorted))
def test_more_jitter_is_never_sooner(code: str, attempts: int, jitter: list[float]) -> None:
    less, more = (next_attempt_at(code, attempts, NOW, jitter=share) for share in jitter)

    assert less <= more


@pytest.mark.parametrize(
    ("attempts", "longest"),
    [(1, MINUTE), (2, 2 * MINUTE), (5, 16 * MINUTE), (6, 30 * MINUTE), (90, 30 * MINUTE)],
)
def test_passing_trouble_is_retried_with_full_jitter_over_doubling_waits(attempts: int, longest: int) -> None:
    assert next_attempt_at("HTTP_5XX", attempts, NOW, jitter=0) == NOW + 1
    assert next_attempt_at("HTTP_5XX", attempts, NOW, jitter=0.5) == NOW + longest // 2
    assert next_attempt_at("HTTP_5XX", attempts, NOW, jitter=1) == NOW + longest


@pytest.mark.parametrize(("attempts", "wait"), [(1, DAY), (2, 7 * DAY), (3, 30 * DAY), (9, 30 * DAY)])
def test_a_soft_verdict_is_looked_at_again_on_other_days(attempts: int, wait: int) -> None:
    assert next_attempt_at("PRIVATE", attempts, NOW, jitter=0) == NOW + wait
    assert next_attempt_at("PRIVATE", attempts, NOW, jitter=1) == NOW + wait + wait // 10


def test_a_premiere_is_waited_for_and_then_read_again_hourly() -> None:
    assert next_attempt_at("UPCOMING", 1, NOW, jitter=1, until=NOW + 5 * DAY) == NOW + 5 * DAY
    assert next_attempt_at("UPCOMING", 2, NOW, jitter=0, until=NOW) == NOW + HOUR
    assert next_attempt_at("UPCOMING", 1, NOW, jitter=0) == NOW + HOUR


def test_a_premiere_in_another_year_is_looked_at_within_a_month() -> None:
    assert next_attempt_at("UPCOMING", 1, NOW, jitter=0, until=NOW + 400 * DAY) == NOW + LONGEST_WAIT_SECONDS


def test_each_step_is_at_least_as_long_as_the_one_before() -> None:
    for rule in RULES:
        steps = rule.backoff.seconds if isinstance(rule.backoff, Steps) else (rule.backoff.first_seconds,)
        assert steps == tuple(sorted(steps)), rule.code
        assert steps[0] > 0, rule.code


def test_a_soft_verdict_takes_as_many_days_as_it_needs_confirmations() -> None:
    for rule in RULES:
        if rule.soft:
            assert isinstance(rule.backoff, Steps)
            assert rule.kind == "permanent"
            assert rule.backoff.seconds[0] >= DAY, rule.code
            assert len(rule.backoff.seconds) >= rule.confirmations, rule.code


def test_only_trouble_of_the_address_opens_its_breaker() -> None:
    opening = {rule.code: rule.breaker_seconds for rule in RULES if rule.breaker_seconds}

    assert opening == {
        "BOT_CHECK": 6 * HOUR,
        "CAPTCHA": 6 * HOUR,
        "SESSION_LIMIT": 65 * MINUTE,
        "WRONG_VIDEO": 6 * HOUR,
        "HTTP_429": 15 * MINUTE,
        "HTTP_403_API": HOUR,
        "MEDIA_429": 30 * MINUTE,
    }
    assert all(isinstance(policy(code).backoff, Steps) for code in opening)
    assert not any(isinstance(rule.backoff, Exponential) for rule in RULES if rule.charged_to == "egress")


def test_parts_are_discarded_when_they_are_suspect_or_their_room_is_needed() -> None:
    discarding = {rule.code for rule in RULES if rule.discards_parts}

    assert discarding == {"MEDIA_416", "MERGE_FAIL", "BAD_MEDIA", "DISK_FULL"}
