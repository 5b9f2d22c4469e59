"""What may be asked of YouTube now: for each egress a bucket, a daily cap, windows, pauses, a breaker, and a rate.

An egress is this machine's address as an identity. A guest address is good for about 300 videos an hour before
YouTube asks "not a bot?" (youtube.md, section 3). A token comes back one hour after it was spent, so that no hour
sees more than the bucket holds: a bucket that refills while it is spent lets twice its rate through in its first
hour. Where YouTube throttles all the same, the rate is halved, and creeps up again with success.

Only the scheduler spends and judges; every function takes a state and returns the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from ytarchive.core.identity import GUEST
from ytarchive.core.instant import DAY, HOUR, MINUTE
from ytarchive.core.windows import Windows

STRIKES_TO_OPEN = 3
LOWEST_PER_HOUR = 30
"""A video every two minutes: what an address gets of which nothing good is known."""
CREEP = 1.1
CAUTION = 0.8
CAUTION_SECONDS = 3 * DAY
LONGEST_BREAK_SECONDS = 3 * DAY
SPREAD_BELOW = 0.1
LOOK_SECONDS = 1


@dataclass(frozen=True, slots=True)
class EgressState:
    """One egress, under the name of its identity. Instants are whole seconds; rates are videos an hour.

    `spent` counts by minute since the epoch what was spent in the last hour, `spent_today` since local midnight.
    `rate` is what the address is trusted with, as it was left at `rate_at`; None: what the settings allow. Up to
    `careful_until` it does not go beyond `careful_rate`, since more was punished. `strikes` counts different videos in
    a row that met `strike_code`; the first of them was asked about at `struck_at`. `openings`: how many times in a row the breaker opened; above 0 it is open until
    `open_until`, and then half open: one job, `probe`, goes out, and all others wait for what becomes of it.
    """

    name: str = GUEST
    spent: tuple[tuple[int, int], ...] = ()
    pause_until: int = 0
    day: int = 0
    spent_today: int = 0
    rate: float | None = None
    rate_at: int = 0
    careful_rate: float = 0.0
    careful_until: int = 0
    strikes: int = 0
    struck_at: int = 0
    strike_code: str | None = None
    openings: int = 0
    open_until: int = 0
    probe: str | None = None

    @property
    def spent_in_hour(self) -> int:
        """As of the last `renewed`."""
        return sum(count for _, count in self.spent)


@dataclass(frozen=True, slots=True)
class Limits:
    """0 switches a limit off. `pause_seconds` holds between downloads once half of the hour's videos are spent."""

    videos_per_hour: int = 250
    per_day: int = 0
    pause_seconds: float = 5.0
    windows: Windows = field(default_factory=Windows)


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: ask again at `until`, because of `why` (a phrase for a person)."""

    until: int
    why: str


def distrusted(name: str, now: int) -> EgressState:
    """After the index was lost nobody knows the past of an egress: it starts at the lowest rate."""
    return EgressState(name=name, rate=float(LOWEST_PER_HOUR), rate_at=now)


def rate_of(state: EgressState, limits: Limits) -> float:
    """Videos an hour at present; 0: without limit."""
    most = limits.videos_per_hour
    return float(most) if state.rate is None else min(state.rate, most)


def is_slowed(state: EgressState, limits: Limits) -> bool:
    """Whether the address is trusted with less than the settings allow."""
    return rate_of(state, limits) < limits.videos_per_hour


def left_in_hour(state: EgressState, limits: Limits) -> int:
    """Tokens in the bucket, as of the last `renewed`."""
    return max(0, _capacity(state, limits) - state.spent_in_hour)


def renewed(state: EgressState, limits: Limits, now: int) -> EgressState:
    """The state with what time gave back. A clock that jumps back gives nothing, and keeps nothing shut for years."""
    minute = now // MINUTE
    spent: dict[int, int] = {}
    for at, count in state.spent:
        if at + HOUR // MINUTE >= minute:
            spent[min(at, minute)] = spent.get(min(at, minute), 0) + count
    today = (now + limits.windows.offset_seconds) // DAY
    return replace(
        state,
        spent=tuple(sorted(spent.items())),
        pause_until=min(state.pause_until, now + HOUR),
        open_until=min(state.open_until, now + LONGEST_BREAK_SECONDS),
        careful_until=min(state.careful_until, now + CAUTION_SECONDS),
        rate_at=min(state.rate_at, now),
        struck_at=min(state.struck_at, now),
        day=state.day if today == state.day - 1 else today,
        spent_today=0 if today > state.day else state.spent_today,
    )


def may_spend(state: EgressState, limits: Limits, now: int) -> Wait | None:
    """None when one extraction may begin now; otherwise until when to wait, and why. `state` is renewed."""
    if state.open_until > now:
        return Wait(state.open_until, f"YouTube throttles this address ({state.strike_code})")
    if state.probe is not None:
        return Wait(now + LOOK_SECONDS, "one video goes first, to see whether YouTube answers again")
    opens_at = limits.windows.opens_at(now)
    if opens_at > now:
        return Wait(opens_at, "outside the times of day that schedule.windows allows")
    if limits.per_day and state.spent_today >= limits.per_day:
        tomorrow = (state.day + 1) * DAY - limits.windows.offset_seconds
        return Wait(max(tomorrow, now + 1), f"the daily limit of {limits.per_day} videos is reached")
    if limits.videos_per_hour and left_in_hour(state, limits) < 1:
        return Wait(_token_at(state, limits), f"limit of {_capacity(state, limits)} videos an hour")
    if state.pause_until > now:
        return Wait(state.pause_until, "pause between downloads")
    return None


def spend(state: EgressState, limits: Limits, now: int, *, job: str, jitter: float) -> EgressState:
    """Let one job out. `jitter` is from 0 to 1. While the breaker is half open, this job is the probe."""
    minute = now // MINUTE
    spent = dict(state.spent)
    spent[minute] = spent.get(minute, 0) + 1
    after = replace(
        state,
        spent=tuple(sorted(spent.items())),
        spent_today=state.spent_today + 1,
        probe=job if state.openings else None,
    )
    return replace(after, pause_until=now + _pause_seconds(after, limits, now, jitter))


def succeeded(state: EgressState, limits: Limits, now: int, *, job: str, asked_at: int) -> EgressState:
    """An answer that is not throttling: strikes are forgotten, the breaker closes after its probe, the rate creeps up.

    What was asked before the trouble began says nothing of the address now: a download may end long after it.
    """
    if (state.openings and job != state.probe) or (state.strikes and asked_at < state.struck_at):
        return state
    after = replace(state, strikes=0, strike_code=None, openings=0, open_until=0, probe=None)
    if state.openings:
        return replace(after, rate_at=now)
    if state.rate is None or now - state.rate_at < HOUR:
        return after
    return replace(after, rate=crept(state, limits, now), rate_at=now)


def crept(state: EgressState, limits: Limits, now: int) -> float | None:
    """The rate after one more hour of success; None: what the settings allow is reached."""
    assert state.rate is not None, "only a rate that was lowered creeps up"
    rate = state.rate * CREEP
    if now < state.careful_until:
        rate = max(state.rate, min(rate, state.careful_rate))
    return rate if rate < limits.videos_per_hour else None


def struck(
    state: EgressState,
    limits: Limits,
    code: str,
    lengths_seconds: Sequence[int],
    now: int,
    *,
    job: str,
    asked_at: int,
) -> EgressState:
    """One throttled video. One alone may be that video's own trouble; the same code on three in a row is the address.

    The breaker then opens for the first of `lengths_seconds`, for the next one when its probe fails as well, and so
    on; the last one repeats. What else comes back while it is open was asked before, and changes nothing.
    """
    if state.openings:
        if job != state.probe:
            return state
        return _opened(replace(state, strike_code=code), lengths_seconds, now)
    strikes = state.strikes + 1 if state.strike_code == code else 1
    first_at = state.struck_at if strikes > 1 else asked_at
    after = replace(state, strikes=strikes, struck_at=first_at, strike_code=code, rate_at=now)
    if strikes < STRIKES_TO_OPEN:
        return after
    return _opened(_slowed(after, limits, now), lengths_seconds, now)


def released(state: EgressState, *, job: str | None = None) -> EgressState:
    """A job ended and told nothing of the address (None: whatever ran): if it was the probe, another may go."""
    return replace(state, probe=None) if job in (None, state.probe) else state


def _opened(state: EgressState, lengths_seconds: Sequence[int], now: int) -> EgressState:
    length = lengths_seconds[min(state.openings, len(lengths_seconds) - 1)]
    return replace(state, openings=state.openings + 1, open_until=now + length, probe=None)


def _slowed(state: EgressState, limits: Limits, now: int) -> EgressState:
    """Half of what was asked in the last hour; a ban after few requests says less, and halves what was allowed."""
    allowed = rate_of(state, limits)
    if not allowed:
        return state
    lowest = min(LOWEST_PER_HOUR, limits.videos_per_hour)
    asked = state.spent_in_hour
    if asked < LOWEST_PER_HOUR:
        return replace(state, rate=max(lowest, allowed / 2))
    bad = min(allowed, asked)
    return replace(
        state,
        rate=max(lowest, bad / 2),
        careful_rate=max(lowest, bad * CAUTION),
        careful_until=now + CAUTION_SECONDS,
    )


def _capacity(state: EgressState, limits: Limits) -> int:
    return max(1, int(rate_of(state, limits)))


def _token_at(state: EgressState, limits: Limits) -> int:
    """When enough of the hour's tokens are back for one more."""
    over = state.spent_in_hour - _capacity(state, limits) + 1
    back = accumulate(count for _, count in state.spent)
    minute = next(minute for (minute, _), number in zip(state.spent, back, strict=True) if number >= over)
    return (minute + 1) * MINUTE + HOUR


def _pause_seconds(state: EgressState, limits: Limits, now: int, jitter: float) -> int:
    """Seconds until the next one may go out, never quite the same.

    None while more than half of the hour's tokens are left; then the pause of the settings, up to doubled; and the
    last tokens are spread over the time until others come back, so that a pass is never stuck for long. An address
    that was throttled gets no bursts: its videos go out evenly.
    """
    rate = rate_of(state, limits)
    if not rate:
        return 0
    least = limits.pause_seconds * (1 + jitter)
    if is_slowed(state, limits):
        return round(max(least, HOUR / rate * (0.8 + 0.4 * jitter)))
    left = left_in_hour(state, limits)
    if left >= rate / 2:
        return 0
    if left >= rate * SPREAD_BELOW or left < 1:
        return round(least)
    back_at = (state.spent[0][0] + 1) * MINUTE + HOUR
    return round(max(least, (back_at - now) / left * (0.5 + 0.5 * jitter)))
