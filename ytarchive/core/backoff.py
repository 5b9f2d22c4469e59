"""When to try again: from the policy of a code and the number of attempts, to a time."""

from __future__ import annotations

from math import ceil

from ytarchive.core.failure_table import Exponential, policy
from ytarchive.core.instant import DAY

LONGEST_WAIT_SECONDS = 30 * DAY
# Steps are spread over this share of their length: what failed together is not asked for together again.
SPREAD = 0.1


def next_attempt_at(code: str, attempts: int, now: int, *, jitter: float, until: int | None = None) -> int:
    """The earliest time of the next attempt, at least a second from `now`, in seconds since the epoch.

    `attempts` counts the failed ones, this one included (at least 1). `jitter` is random, from 0 to 1. `until`
    is a known time to wait for; it holds only while it lies ahead, and for 30 days at most, since premieres move.
    """
    if until is not None and until > now:
        return min(until, now + LONGEST_WAIT_SECONDS)
    backoff = policy(code).backoff
    longest = longest_wait_seconds(code, attempts)
    if isinstance(backoff, Exponential):
        return now + max(1, ceil(longest * jitter))
    shortest = backoff.seconds[_step(attempts, len(backoff.seconds))]
    return now + shortest + int((longest - shortest) * jitter)


def longest_wait_seconds(code: str, attempts: int) -> int:
    """The upper bound of the wait after so many attempts; it never shrinks, and has a cap."""
    backoff = policy(code).backoff
    if isinstance(backoff, Exponential):
        doublings = min(max(attempts, 1) - 1, 32)
        return min(backoff.first_seconds << doublings, backoff.cap_seconds)
    step = backoff.seconds[_step(attempts, len(backoff.seconds))]
    return step + int(step * SPREAD)


def _step(attempts: int, steps: int) -> int:
    return min(max(attempts, 1), steps) - 1
