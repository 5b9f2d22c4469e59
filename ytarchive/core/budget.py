"""What may be asked of YouTube now: a token bucket, a daily cap and a breaker for each egress.

Only the scheduler spends. A guest address is good for about 300 videos an hour before YouTube answers
"not a bot?"; the defaults stay below that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ytarchive.core.instant import DAY, HOUR
from ytarchive.core.job import GUEST

BURST = 250
STRIKES_TO_OPEN = 3


@dataclass(frozen=True, slots=True)
class EgressState:
    """One egress: this machine's address as an identity, whose name it has. `open_until` is when the breaker lets the
    next probe through.

    `strikes` counts different videos in a row that met the same throttling code, without a success between.
    """

    name: str = GUEST
    tokens: float = 0.0
    tokens_at: int = 0
    open_until: int = 0
    strikes: int = 0
    strike_code: str | None = None
    day: int = 0
    spent_today: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """0 switches a limit off. `pause_seconds` holds between downloads once the bucket is below half."""

    videos_per_hour: int = 250
    per_day: int = 0
    pause_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: ask again at `until`, because of `why` (a phrase for a person)."""

    until: int
    why: str


def fresh(name: str, now: int, *, rebuilt: bool = False) -> EgressState:
    """A new egress starts with a full bucket; after a rebuild with an empty one, since nobody knows what was spent."""
    return EgressState(name=name, tokens=0.0 if rebuilt else BURST, tokens_at=now, day=now // DAY)


def refill(state: EgressState, limits: Limits, now: int) -> EgressState:
    """Tokens come back at `videos_per_hour`; a clock that jumps back gives none and takes none."""
    elapsed = max(0, now - state.tokens_at)
    tokens = min(float(BURST), state.tokens + elapsed * limits.videos_per_hour / HOUR)
    today = max(state.day, now // DAY)
    return replace(
        state,
        tokens=tokens,
        tokens_at=now,
        day=today,
        spent_today=state.spent_today if today == state.day else 0,
    )


def may_spend(state: EgressState, limits: Limits, now: int, *, last_spent_at: float | None) -> Wait | None:
    """None when one extraction may begin now; otherwise until when to wait, and why. `state` is refilled."""
    if state.open_until > now:
        return Wait(state.open_until, f"YouTube throttles this address ({state.strike_code})")
    if limits.per_day and state.spent_today >= limits.per_day:
        return Wait((state.day + 1) * DAY, f"the daily limit of {limits.per_day} videos is reached")
    if limits.videos_per_hour and state.tokens < 1:
        seconds = (1 - state.tokens) * HOUR / limits.videos_per_hour
        return Wait(now + max(1, int(seconds + 0.999)), f"limit of {limits.videos_per_hour} videos an hour")
    below_half = limits.videos_per_hour and state.tokens < BURST / 2
    if below_half and last_spent_at is not None and now - last_spent_at < limits.pause_seconds:
        return Wait(int(last_spent_at + limits.pause_seconds + 0.999), "pause between downloads")
    return None


def spend(state: EgressState, limits: Limits) -> EgressState:
    tokens = state.tokens - 1 if limits.videos_per_hour else state.tokens
    return replace(state, tokens=tokens, spent_today=state.spent_today + 1)


def succeeded(state: EgressState) -> EgressState:
    """Any answer that is not throttling proves the address good: strikes are forgotten."""
    return replace(state, strikes=0, strike_code=None)


def struck(state: EgressState, code: str, lengths_seconds: Sequence[int], now: int) -> EgressState:
    """One throttled video. One alone may be that video's own trouble; the same code on three in a row is the address.

    The breaker then opens for the first of `lengths_seconds`, for the next one when the probe after it fails
    as well, and so on; the last one repeats.
    """
    strikes = state.strikes + 1 if state.strike_code == code else 1
    if strikes < STRIKES_TO_OPEN:
        return replace(state, strikes=strikes, strike_code=code)
    length = lengths_seconds[min(strikes - STRIKES_TO_OPEN, len(lengths_seconds) - 1)]
    return replace(state, strikes=strikes, strike_code=code, open_until=max(state.open_until, now + length))


def fits(free_bytes: int, reserved_bytes: int, needed_bytes: int, min_free_bytes: int) -> bool:
    """Whether one more download may begin: twice its size is reserved, since parts and the merged file coexist."""
    return free_bytes - reserved_bytes - 2 * needed_bytes >= min_free_bytes
