"""The worker protocol's values: a job goes in, events come while it runs, one receipt comes out.

JSON lines over stdin and stdout, at most 4 MiB each; unknown events and keys are ignored (version 1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ytarchive.core.chapters import Chapter
from ytarchive.core.desired import Target
from ytarchive.core.failure import Failure, HttpExchange
from ytarchive.core.filters import VideoKind, Where
from ytarchive.core.identity import GUEST as GUEST
from ytarchive.core.instant import Instant
from ytarchive.core.item import FileRecord, Got, Item, Metadata
from ytarchive.core.selection import Format
from ytarchive.core.sponsor import Sponsors

PROTOCOL = 1
LINE_CAP_BYTES = 4 * 1024 * 1024
LOG_VARIABLE = "YTARCHIVE_WORKER_LOG"
"""The variable of a worker's environment that says which lines it logs: at "debug" all, otherwise those above."""

JobKind = Literal["fetch", "beside", "mark", "list", "probe", "details", "feed"]
Reach = Literal["all", "head"]


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to spend `extractions` requests for metadata on an egress, until a time. An egress has its identity's name."""

    egress: str = GUEST
    extractions: int = 1
    expires_at: Instant = 0


@dataclass(frozen=True, slots=True)
class Network:
    """How a worker reaches the world; every field as in the settings, all optional."""

    proxy: str | None = None
    ca_file: str | None = None
    source_address: str | None = None
    cookies_file: str | None = None
    bytes_per_second: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is cached of a listing: its first ids in order and its length, so that one look can say "unchanged".

    `recent` are the videos at the beginning of what is held, for a look that ends where known ones begin.
    """

    first: tuple[str, ...] = ()
    count: int = 0
    recent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proviso:
    """What an undecided video is fetched for: this target, provided that the filter wants it once its page was read."""

    where: Where
    target: Target


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. `subject` is a video id; for `list` and `feed` a source (see `core.sources`).

    `list` of `channel:...` tells who that is, of `playlists:...` and `releases:...` which playlists there are. With
    `reach` "head" it may end after enough known lines in a row. `details` asks the Data API about `videos`; these and
    `feed` run in threads, `list` in a thread or a worker, everything else in a worker.
    With `provisos` a fetch goes on after the extraction only for those whose filter wants the video; what it then
    fetches is their united target, and the receipt names it.

    `staging` is an absolute folder that exists and belongs to this attempt alone (fetch and beside): the
    worker writes `lease.json` there first (`Lease`), keeps partial downloads in `parts.<fingerprint>/`, and
    leaves what is ready to commit in `out/`. `min_free_bytes` must stay free on its file system.
    A fetch with `got` is a look: that is on disk, below the wish or `cut` (less than a whole recording), and media are
    downloaded only where something nearer to the wish is offered; of what lies beside them, only what is not in `have`.
    `attempt` counts the attempts in a row, this one included; `failed_with` is the code that the last one ended with.
    `beside` fetches what lies beside the media; `have` names the parts that are on disk already
    (`captions:en`, `thumbnail`, `info_json`, `description`). `held` is how many videos a source is held to have.
    `item` in `folder` (an absolute path, to be read only) is what is on disk, for a look, `beside` and `mark`. `mark`
    asks SponsorBlock alone, and makes the item's media anew where they are to be marked or cut otherwise;
    `keeps_whole`: nothing is cut out of them, since nobody else has them.
    `traceparent` (W3C Trace Context) is the span that it belongs to, where somebody traces: its stages are then told.
    """

    id: str
    kind: JobKind
    subject: str
    target: Target = field(default_factory=Target)
    permit: Permit = field(default_factory=Permit)
    network: Network = field(default_factory=Network)
    staging: str = ""
    deadline_at: Instant = 0
    attempt: int = 1
    known: Known | None = None
    held: int = 0
    have: tuple[str, ...] = ()
    min_free_bytes: int = 0
    reach: Reach = "all"
    videos: tuple[str, ...] = ()
    provisos: tuple[Proviso, ...] = ()
    got: Got | None = None
    cut: bool = False
    failed_with: str | None = None
    item: Item | None = None
    folder: str = ""
    keeps_whole: bool = False
    traceparent: str = ""

    @property
    def may_record(self) -> bool:
        """Whether a stream that runs is recorded, which lasts as long as the stream."""
        targets = (self.target, *(each.target for each in self.provisos))
        return self.kind == "fetch" and self.got is None and any(each.live == "record" for each in targets)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works in a staging folder. The folder may be adopted once no process of the group lives, or after a boot.

    `started` is when the group's leader began, as the kernel says it (clock ticks since the boot; 0: unknown):
    process numbers are used again, and a number is only while its group is empty.
    """

    job: str
    process_group: int
    boot_id: str
    started: int = 0


def start_of(stat: str) -> int:
    """When a process began, from its /proc/<pid>/stat (field 22, after the name, which may hold anything)."""
    fields = stat.rpartition(")")[2].split()
    return int(fields[19]) if len(fields) > 19 and fields[19].isdecimal() else 0


@dataclass(frozen=True, slots=True)
class ListedVideo:
    """One line of a listing, as cheap as the listing gives it. What it does not tell is None.

    `added_at`: when the list's owner put it there. `published_from` and `published_to` as in `filters.Facts`.
    """

    video: str
    title: str | None = None
    duration_seconds: int | None = None
    channel_id: str | None = None
    channel: str | None = None
    added_at: Instant | None = None
    published_from: Instant | None = None
    published_to: Instant | None = None
    kind: VideoKind | None = None
    availability: str | None = None
    live_status: str | None = None


@dataclass(frozen=True, slots=True)
class VideoDetails:
    """What the Data API, a feed or an extraction tells of one video besides its line in a list."""

    video: str
    title: str | None = None
    description: str | None = None
    channel: str | None = None
    channel_id: str | None = None
    published_at: Instant | None = None
    duration_seconds: float | None = None
    kind: VideoKind | None = None
    availability: str | None = None
    live_status: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ListedPlaylist:
    """One line of a list of playlists."""

    playlist: str
    title: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """Who a channel is: its id never changes, its handle and its title may."""

    id: str
    title: str | None = None
    handle: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class ListingSummary:
    """How a listing ended. Only a `complete` one may say what is no longer in a source.

    `short`: it came to its own end, below YouTube's count, which includes videos that it hides. `partial`: it was
    cut. `unchanged`: the first page and the count are those of `Job.known`; the lines were not read again. `head`:
    its beginning was read, down to what was known. `via` is who told: "worker", "api" or "feed".
    """

    completeness: Literal["complete", "short", "partial", "unchanged", "head"]
    expected: int | None
    got: int
    title: str | None = None
    why: str | None = None
    via: str = "worker"
    channel: ChannelFacts | None = None
    playlists: tuple[ListedPlaylist, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed shows: its videos in its order, newest first, and whose it says that they are."""

    videos: tuple[VideoDetails, ...]
    title: str | None = None
    channel_id: str | None = None
    playlist: str | None = None


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """What became of a part beside the media: `captions:en`, `thumbnail`, `sponsorblock`. `absent`: it is not offered now."""

    part: str
    outcome: Literal["got", "absent", "failed"]
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """What fetched: versions of yt-dlp and its challenge solver, and the player client that answered."""

    yt_dlp: str
    ejs: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a job ended. `files` lie in `out/` of the staging folder, verified, hashed and under their final names.

    `details` is what an extraction told. Of a job with provisos, `target` is what was fetched; None and no files:
    no filter wants the video. `chapters` are the video's own; `sponsors` is there when SponsorBlock answered.
    """

    job: str
    outcome: Literal["done", "failed", "cancelled"]
    failure: Failure | None = None
    files: tuple[FileRecord, ...] = ()
    offered: tuple[Format, ...] = ()
    got: Got | None = None
    metadata: Metadata | None = None
    parts: tuple[PartOutcome, ...] = ()
    listing: ListingSummary | None = None
    http: tuple[HttpExchange, ...] = ()
    engine: Engine | None = None
    details: VideoDetails | None = None
    target: Target | None = None
    feed: Feed | None = None
    chapters: tuple[Chapter, ...] | None = None
    sponsors: Sponsors | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens during a job.

    `progress`: data {phase, done_bytes, total_bytes?, bytes_per_second?, eta_seconds?, recorded_seconds?}; a
    recording has no total ·
    `entries`: data {videos: [ListedVideo as JSON, at most 500], expected?} · `log`: data {level, text, component: worker,
    yt-dlp or ffmpeg, ending?, pid?}, with the sequence 0 where the parent tells it of a worker ·
    `details`: data {videos: [VideoDetails as JSON, at most 50], gone: [ids that YouTube does not know]} ·
    `span`: data {name: a stage, started_at, ended_at: seconds since the epoch} · `heartbeat`: data {}.
    """

    job: str
    sequence: int
    kind: str
    data: dict[str, Any] = field(default_factory=dict)
