"""Filters: which videos of an entry's sources are wanted, from what is known of them and without any request.

`where` looks at one video, `keep` at all that passed; a pin is wanted whatever they say. What is not known yet
makes a video undecided, never excluded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ytarchive.core.instant import Instant

VideoKind = Literal["videos", "shorts", "live"]
"""In the words of `include`. A stream is `live` before, during and after it runs."""
Choice = Literal["want", "skip", "only"]
Outcome = Literal["wanted", "excluded", "undecided"]


@dataclass(frozen=True, slots=True)
class Where:
    """What a video must be like; every rule must hold, one that is not set always does.

    `since` is the first day (UTC) and `until` the first day that is too late. `duration` in seconds, both ends
    included. `match` and `avoid` are plain words, or `/expression/` with an `i` behind it to ignore case.
    """

    since: date | None = None
    until: date | None = None
    duration: tuple[int | None, int | None] = (None, None)
    match: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    kinds: tuple[VideoKind, ...] = ()
    members_only: Literal["want", "skip"] = "want"
    live: Choice = "want"
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """How much of what passed is wanted: the newest `last`, and none older than `max_age_seconds`; both must hold."""

    last: int | None = None
    max_age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a video that filters look at; None: not known.

    It was published at some time from `published_from` to `published_to`: the same instant when it is known exactly,
    a day when only the date is, years apart when a list says "3 years ago". `examined`: its own page was read, so
    what is still unknown is told nowhere, and excludes nothing.
    """

    video: str
    title: str | None = None
    duration_seconds: float | None = None
    published_from: Instant | None = None
    published_to: Instant | None = None
    kind: VideoKind | None = None
    live_status: str | None = None
    availability: str | None = None
    language: str | None = None
    examined: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an entry wants a video. `rule` is the key that decided (`where.since`), with what was found in `why`."""

    outcome: Outcome
    rule: str | None = None
    why: str | None = None
