"""The quota of YouTube's Data API: which day it is there, what may still be spent on it, and on what.

YouTube gives each key so many units a day, from midnight to midnight in US Pacific time, and nothing of a day can be
saved for the next. Every request that a list, details of videos or a channel takes here costs one unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Literal

from ytarchive.core.instant import DAY, Instant, to_iso
from ytarchive.errors import YtarchiveError

Purpose = Literal["look", "listing", "details", "metadata"]
"""First page of a list, or who a channel is · further pages · details of videos · a person asked."""

URGENT: frozenset[Purpose] = frozenset({"look", "metadata"})
"""What the reserve is for: what is new must be seen also on a day on which a long list was read."""
PAGE = 50
"""Videos or lines that one unit buys."""
BELIEVED_AFTER_SECONDS = 2 * DAY
"""A clock that shows days before the latest one it has shown is believed after so long: that one was wrong, then."""


@dataclass(frozen=True, slots=True)
class QuotaLimits:
    """Units a day: all that may be spent, and how many of them are kept for what is urgent. 0: nothing is spent."""

    budget: int
    reserve: int = 0

    def of(self, purpose: Purpose) -> int:
        """How many units may have been spent in all once this purpose was served."""
        return self.budget if purpose in URGENT else max(0, self.budget - self.reserve)


@dataclass(frozen=True, slots=True)
class QuotaClock:
    """What a ledger has seen of the clock: its latest day, since when it shows earlier ones (None: it does not), and
    until when YouTube refuses."""

    latest: str = ""
    behind_since: Instant | None = None
    paused_until: Instant = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be spent for a purpose before a time, and why."""

    until: Instant
    why: str


@dataclass(frozen=True, slots=True)
class QuotaStanding:
    """The ledger of a day. `spent` is units by purpose, `coming` what is known to come before `renews_at`."""

    day: str
    limits: QuotaLimits
    spent: tuple[tuple[str, int], ...]
    renews_at: Instant
    paused_until: Instant | None = None
    coming: int = 0

    @property
    def total(self) -> int:
        return sum(units for _, units in self.spent)

    @property
    def forecast(self) -> int:
        """What the day will have cost: what was spent, and what is known to come. No pace is guessed."""
        return self.total + self.coming

    def left(self, purpose: Purpose) -> int:
        """Units that may still be spent for a purpose today."""
        return 0 if self.paused_until else max(0, self.limits.of(purpose) - self.total)


class QuotaSpent(YtarchiveError):
    """Units are refused until a time; nothing was spent."""

    def __init__(self, wait: Wait) -> None:
        super().__init__(wait.why, cure="wait: lists are read without the Data API until then")
        self.until = wait.until


@cache
def _pacific() -> tzinfo:
    from zoneinfo import ZoneInfo  # 15 ms, and most programs of ours never ask

    return ZoneInfo("America/Los_Angeles")


def day_of(now: Instant, latest: str = "") -> str:
    """The day in US Pacific time, `2026-11-23`; never one before `latest`."""
    return max(latest, datetime.fromtimestamp(now, _pacific()).date().isoformat())


def resets_at(now: Instant, latest: str = "") -> Instant:
    """When the day of `day_of` ends."""
    following = date.fromisoformat(day_of(now, latest)) + timedelta(days=1)
    return int(datetime.combine(following, time(), _pacific()).timestamp())


def seen(clock: QuotaClock, now: Instant) -> QuotaClock:
    """The clock after one more look at it."""
    day = day_of(now)
    if day >= clock.latest:
        return replace(clock, latest=day, behind_since=None)
    since = now if clock.behind_since is None else min(clock.behind_since, now)
    if now - since >= BELIEVED_AFTER_SECONDS:
        return QuotaClock(latest=day)
    return replace(clock, behind_since=since)


def days_charged(clock: QuotaClock, now: Instant) -> tuple[str, ...]:
    """The days that units spent now are counted on: today, and the latest day when the clock jumped back.

    Counted on both, neither day is given units anew, whichever of them it really is.
    """
    return tuple(sorted({day_of(now), clock.latest or day_of(now)}))


def renews_at(clock: QuotaClock, now: Instant) -> Instant:
    """When there are units again."""
    at = resets_at(now, clock.latest)
    return at if clock.behind_since is None else min(at, clock.behind_since + BELIEVED_AFTER_SECONDS)


def may_spend(
    limits: QuotaLimits, clock: QuotaClock, spent: int, purpose: Purpose, units: int, now: Instant
) -> Wait | None:
    """None, or until when to wait. `spent` is the most that any of `days_charged` has seen; `units` at least 1."""
    if clock.paused_until > now:
        until = to_iso(clock.paused_until)
        return Wait(
            clock.paused_until, f"YouTube says that the quota of the Data API is spent, until {until}"
        )
    if spent + units <= limits.of(purpose):
        return None
    at = renews_at(clock, now)
    kept = (
        f", {limits.reserve:,} of them kept for what is new"
        if purpose not in URGENT and limits.reserve
        else ""
    )
    what = f"{spent:,} of {limits.budget:,} units of the Data API are spent{kept}"
    return Wait(at, f"{what}: there are new ones at {to_iso(at)}")


def cost(count: int) -> int:
    """Units of asking for so many lines or videos; also an empty list takes a look."""
    return max(1, -(-count // PAGE))
