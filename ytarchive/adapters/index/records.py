"""The values that the index gives back. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from ytarchive.core.filters import Outcome, VideoKind
from ytarchive.core.instant import Instant
from ytarchive.core.work_plan import Tried


@dataclass(frozen=True, slots=True)
class ListingChange:
    """What a listing changed: videos that are new in the source, gone from it, and still there.

    `withheld` were not listed any more, and count as still there: so many at once are not believed yet. Of a list of
    playlists it counts playlists.
    """

    added: int = 0
    removed: int = 0
    kept: int = 0
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """The last look at a source. `completeness`, `expected` and `got` tell of what is held.

    `at` is the last look that ended, `full_at` the last one that read every line. "shrunken": the last whole reading
    lacked so much of what is held that nothing was taken away; `shrunken_at` is the first such reading in a row. `via`
    is who told it ("worker", "api"). `attempts`, `code`, `kind`, `message`, `status`, `first_failed_at` and
    `failed_at` tell of the failures since; `looks` on different days agree on the code.
    """

    source: str
    completeness: Literal["complete", "short", "partial", "shrunken"] | None = None
    expected: int | None = None
    got: int = 0
    title: str | None = None
    why: str | None = None
    at: Instant | None = None
    full_at: Instant | None = None
    next_due_at: Instant | None = None
    via: str | None = None
    shrunken_at: Instant | None = None
    attempts: int = 0
    code: str | None = None
    kind: str | None = None
    message: str | None = None
    status: int | None = None
    first_failed_at: Instant | None = None
    failed_at: Instant | None = None
    looks: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """The failures in a row of one part ("media", "captions:en"); the texts are of the last one.

    `target` is the digest of what was tried for: a person may have asked for something else since. `looks` on different
    days agree on the code (`core.confirmation`).
    """

    video: str
    part: str
    n: int
    code: str
    kind: str
    message: str
    status: int | None
    target: str | None
    first_at: Instant
    last_at: Instant
    next_attempt_at: Instant
    looks: int = 1


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A person said "ignore" of a video or a source; until a time, or for good (None). `is_lost`: or "lost"."""

    subject: str
    until: Instant | None
    why: str
    at: Instant
    is_lost: bool = False

    def holds(self, now: int) -> bool:
        return self.until is None or self.until > now


@dataclass(frozen=True, slots=True)
class Lowered:
    """A person said "accept-lower" of a video."""

    video: str
    why: str
    at: Instant


LetGoHow = Literal["quarantine", "delete", "respect", "missing"]


@dataclass(frozen=True, slots=True)
class LetGo:
    """What is not here any more by a decision, and is not fetched again for entries.

    A pass took it into quarantine or deleted it, a person deleted it (`respect`), or it is `missing` with so many others
    that a person is asked whether that was meant.
    """

    video: str
    how: LetGoHow
    why: str
    at: Instant


class ListTrouble(NamedTuple):
    """A list of an entry that is not known to be whole: `got` lines in its last reading, `held` videos in all."""

    entry: str
    source: str
    title: str | None
    completeness: str | None
    code: str | None
    got: int
    held: int


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """What a person may have to look at: a part of a wanted video that fails, or a source that cannot be listed.

    `subject` is a video id, or for part "listing" a source. `have`: the media are there and answer the target,
    and only something beside them fails. `on_disk`: some item of the video is there.
    `stage` is how far the last attempt came; `tried` is what all jobs about it ended with, as far as those are kept.
    """

    subject: str
    part: str
    title: str | None
    n: int
    code: str
    kind: str
    message: str
    status: int | None
    first_at: Instant
    last_at: Instant
    next_attempt_at: Instant
    looks: int
    entries: tuple[str, ...]
    have: bool
    on_disk: bool = False
    acknowledgement: Acknowledgement | None = None
    stage: str = ""
    tried: tuple[Tried, ...] = ()


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job that ran or runs. `outcome` is "lost" when the program died before it ended."""

    id: str
    kind: str
    subject: str
    state: Literal["running", "ended"]
    attempt: int
    started_at: Instant
    ended_at: Instant | None = None
    outcome: str | None = None
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """Who a channel is that a manifest names by `address`. `id` is the first one found.

    `moved_to` is another id that the address leads to by now; the names stay those of `id`.
    """

    address: str
    id: str
    title: str | None = None
    handle: str | None = None
    resolved_at: Instant = 0
    moved_to: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """That a source holds a video, or held it: `last_seen_at` is None while it is there.

    `position` counts from 0; `added_at` is when the list's owner put it there, where that was ever told.
    """

    source: str
    position: int
    added_at: Instant | None
    first_seen_at: Instant
    last_seen_at: Instant | None


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """What a feed showed at its last answer, `at`; `attempts` and `code` tell of the failures in a row since."""

    fingerprint: str | None = None
    at: Instant | None = None
    attempts: int = 0
    code: str | None = None
    next_due_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A video that YouTube says is gone (`code`, in its last words `message`): since when, when it was said last, and when
    looks on different days confirmed it."""

    video: str
    code: str
    first_at: Instant
    last_at: Instant
    confirmed_at: Instant | None = None
    looks: int = 1
    message: str | None = None


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A title, description, channel's name or availability that a video had from `seen_at` on."""

    field: Literal["title", "description", "channel", "availability"]
    seen_at: Instant
    value: str


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """What is known of a video without looking at its files.

    `published_from`, `published_to` and `kind` as in `core.filters.Facts`. `seen_at` is when something of this last
    changed, and `told_by` who said that ("listing", "feed", "api", "extraction"). `examined_at` is the last reading of
    its own page, `details_at` the last answer of the Data API.
    """

    id: str
    title: str | None = None
    channel: str | None = None
    channel_id: str | None = None
    duration_seconds: float | None = None
    uploaded_on: str | None = None
    availability: str | None = None
    live_status: str | None = None
    seen_at: Instant | None = None
    published_from: Instant | None = None
    published_to: Instant | None = None
    kind: VideoKind | None = None
    language: str | None = None
    examined_at: Instant | None = None
    details_at: Instant | None = None
    told_by: str | None = None


class ToVerify(NamedTuple):
    """An item whose checksums are to be compared: where it is, its bytes, and the last time (None: never)."""

    video: str
    shard: str
    bytes: int
    verified_at: int | None


@dataclass(frozen=True, slots=True)
class VideoLine:
    """One video in a list for people. `condition` and `bytes` are of the item on disk, `code` of the last failure of its
    media; `outcome` and `rule` tell how a filter of the entry that is looked at leaves it out (`core.filters`)."""

    id: str
    title: str | None
    channel: str | None
    published_at: Instant | None
    duration_seconds: float | None
    condition: Literal["whole", "partial", "damaged"] | None
    bytes: int | None
    code: str | None
    is_wanted: bool
    is_running: bool
    outcome: Outcome | None = None
    rule: str | None = None


class View(NamedTuple):
    """One file that the library shows for a video: `path` below the view's folder, and which file it is."""

    view: str
    path: str
    video: str
    dev: int
    inode: int
    layout: str = ""
