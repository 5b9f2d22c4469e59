"""When the backlog will be done, at what the egress is trusted with and the settings allow."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ytarchive.core.egress import (
    SPREAD_BELOW,
    EgressState,
    Limits,
    crept,
    is_slowed,
    left_in_hour,
    rate_of,
)
from ytarchive.core.instant import DAY, HOUR, Instant

HORIZON_SECONDS = 3650 * DAY


@dataclass(frozen=True, slots=True)
class Forecast:
    """`backlog` videos are to be asked about; `videos_per_hour` is what may be asked at present, None: no limit known.

    `ends_at`: None when nothing bounds the work, or it would take more than ten years.
    """

    backlog: int
    videos_per_hour: float | None
    ends_at: Instant | None


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast workers were lately, whatever is allowed: seconds of one download, and how many run at once."""

    download_seconds: float = 0.0
    slots: int = 1

    @property
    def seconds_each(self) -> float:
        return self.download_seconds / max(1, self.slots)


def forecast(
    backlog: int, state: EgressState, limits: Limits, now: int, pace: Pace | None = None
) -> Forecast:
    """Follow the egress hour by hour, as if every answer were a success. `state` is renewed."""
    each = (pace or Pace()).seconds_each
    allowed, possible = rate_of(state, limits), HOUR / each if each else 0.0
    present = min((rate for rate in (allowed, possible) if rate), default=None)
    ends_at = now if backlog == 0 else _ends_at(backlog, state, limits, now, each)
    return Forecast(backlog, round(present, 1) if present is not None else None, ends_at)


def _ends_at(backlog: int, state: EgressState, limits: Limits, now: int, each: float) -> int | None:
    at = max(now, state.open_until)
    quick = _of_the_bucket(backlog, state, limits, each) if at == now else None
    if quick is not None and _is_open_throughout(limits, state, now, now + quick, backlog):
        return now + quick
    todo, day, today = float(backlog), state.day, state.spent_today
    while at < now + HORIZON_SECONDS:
        at = limits.windows.opens_at(at)
        if (at + limits.windows.offset_seconds) // DAY > day:
            day, today = (at + limits.windows.offset_seconds) // DAY, 0
        rate = min((rate for rate in (rate_of(state, limits), HOUR / each if each else 0) if rate), default=0)
        if not rate and not limits.per_day:
            return None
        until = _segment_end(at, limits)
        done = rate * (until - at) / HOUR if rate else todo
        if limits.per_day:
            done = min(done, limits.per_day - today)
        if done >= todo:
            return at + round(_within_an_hour(todo, rate, state, limits, each)) if rate else at
        todo -= done
        today += round(done)
        if state.rate is not None and until - at >= HOUR:
            state = replace(state, rate=crept(state, limits, until))
        at = until
    return None


def _within_an_hour(todo: float, rate: float, state: EgressState, limits: Limits, each: float) -> float:
    """Seconds for the rest: with pauses alone, or evenly where the rate is lowered, or the hour's last tokens are needed."""
    evenly = HOUR * todo / rate
    if is_slowed(state, limits) or todo > rate * (1 - SPREAD_BELOW):
        return evenly
    return min(evenly, todo * max(each, 1.5 * limits.pause_seconds))


def _segment_end(at: int, limits: Limits) -> int:
    """At most an hour later, within a window and a day."""
    midnight = at - (at + limits.windows.offset_seconds) % DAY + DAY
    return min(at + HOUR, midnight, limits.windows.closes_at(at) or midnight)


def _of_the_bucket(backlog: int, state: EgressState, limits: Limits, each: float) -> int | None:
    """Seconds for a backlog that what is left of this hour's tokens holds; None when it holds too little."""
    rate = rate_of(state, limits)
    left = left_in_hour(state, limits)
    if not rate or is_slowed(state, limits) or backlog > left - rate * SPREAD_BELOW:
        return None
    paused = max(0.0, backlog - max(0.0, left - rate / 2))
    return round((backlog - paused) * each + paused * max(each, 1.5 * limits.pause_seconds))


def _is_open_throughout(limits: Limits, state: EgressState, start: int, end: int, videos: int) -> bool:
    if limits.per_day and state.spent_today + videos > limits.per_day:
        return False
    closes_at = limits.windows.closes_at(start)
    return limits.windows.opens_at(start) == start and (closes_at is None or end <= closes_at)
