"""Which look at a source comes next: its feed, its head, or all of it. The cheapest one that can tell.

A feed (one small request) shows what comes first in a list of uploads, so an unchanged one saves the listing. A head
is read down to known videos. Everything is read weekly, on demand, and where nothing else can be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ytarchive.core.instant import DAY, Instant
from ytarchive.core.listing import is_confirmed
from ytarchive.core.sources import SourceKind

WHOLE_EVERY_SECONDS = 7 * DAY
RESOLVE_EVERY_SECONDS = 7 * DAY
"""A handle may move to another channel: rarely, and nothing is lost meanwhile."""

EMPTY_EVERY_SECONDS = DAY
"""A channel without shorts has no list and no feed of them, so that each look takes the longest way."""

Step = Literal["feed", "head", "all"]
FeedNews = Literal["unasked", "unchanged", "changed", "failed"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What earlier looks at a source left behind. Times are seconds since the epoch; None: never.

    `read_at` is the last time that every line was read, `failing` an error since the last success, `held_whole`
    that what is held was read to its end. `feed_due_at` is when a feed that failed may be asked again; `has_feed`
    is whether there is one at all. `is_empty`: it was read to its end, and held nothing.
    """

    kind: SourceKind
    looked_at: Instant | None = None
    read_at: Instant | None = None
    due_at: Instant | None = None
    failing: bool = False
    held_whole: bool = False
    shrunken_at: Instant | None = None
    has_feed: bool = False
    feed_due_at: Instant | None = None
    is_empty: bool = False


def next_step(
    standing: Standing, now: Instant, *, eager: bool, whole: bool, news: FeedNews = "unasked"
) -> Step | None:
    """What to do now; None: nothing. `eager`: look although it is not due yet; `whole`: a person wants every line.

    A source that fails is left alone until its backoff ends, whoever asks.
    """
    if standing.kind in ("videos", "pins"):
        return None
    if news == "unasked" and not _is_due(standing, now, eager=eager, whole=whole):
        return None
    if standing.kind == "channel":
        return (
            "all"
            if standing.failing or whole or _is_over(standing.read_at, RESOLVE_EVERY_SECONDS, now)
            else None
        )
    if standing.kind == "catalogue":
        return "all"
    if news == "unasked" and standing.has_feed and not _waits(standing.feed_due_at, now):
        return "feed"
    if must_read_all(standing, now, whole=whole):
        return "all"
    if news == "unchanged":
        return None
    return "head" if standing.has_feed else "all"


def due_at(standing: Standing) -> Instant | None:
    """From when on a look is due by itself (`next_step` that is not eager); 0: at once, None: never.

    Times in the future, of a clock that was wrong, are what `next_step` alone sees through.
    """
    if standing.kind in ("videos", "pins"):
        return None
    if standing.failing:
        return standing.due_at or 0
    if standing.looked_at is None:
        return 0
    at = standing.due_at or 0
    if standing.is_empty and standing.has_feed:
        at = max(at, standing.looked_at + EMPTY_EVERY_SECONDS)
    if standing.kind == "channel" and standing.read_at is not None:
        at = max(at, standing.read_at + RESOLVE_EVERY_SECONDS)
    return at


def must_read_all(standing: Standing, now: Instant, *, whole: bool) -> bool:
    """Whether every line is to be read, even where the beginning looks as before."""
    return (
        whole
        or not standing.held_whole
        or standing.failing
        or _is_over(standing.read_at, WHOLE_EVERY_SECONDS, now)
        or is_confirmed(standing.shrunken_at, now)
    )


def _is_due(standing: Standing, now: Instant, *, eager: bool, whole: bool) -> bool:
    if standing.failing:
        return not _waits(standing.due_at, now)
    if whole:
        return True
    if standing.is_empty and standing.has_feed and not _is_over(standing.looked_at, EMPTY_EVERY_SECONDS, now):
        return False
    return eager or standing.looked_at is None or standing.looked_at > now or not _waits(standing.due_at, now)


def _waits(until: Instant | None, now: Instant) -> bool:
    return until is not None and until > now


def _is_over(at: Instant | None, seconds: int, now: Instant) -> bool:
    """Whether so much time has passed since; a time in the future (a clock that jumped back) says nothing."""
    return at is None or at > now or now - at >= seconds
