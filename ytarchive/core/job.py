"""The worker protocol's values: a job goes in, events come while it runs, one receipt comes out.

JSON lines over stdin and stdout, at most 4 MiB each; unknown events and keys are ignored (version 1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ytarchive.core.desired import Target
from ytarchive.core.failure import Failure, HttpExchange
from ytarchive.core.instant import Instant
from ytarchive.core.item import FileRecord, Got, Metadata
from ytarchive.core.selection import Format

PROTOCOL = 1
LINE_CAP_BYTES = 4 * 1024 * 1024

JobKind = Literal["fetch", "beside", "list", "probe"]


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to spend `extractions` requests for metadata on an egress as an identity, until a time."""

    egress: str = "default"
    identity: str = "guest"
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
    """What is cached of a listing: its first ids in order and its length, so that one look can say "unchanged"."""

    first: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. `subject` is a video id, or for `list` a playlist id.

    `staging` is an absolute folder that exists and belongs to this attempt alone (fetch and beside): the
    worker writes `lease.json` there first (`Lease`), keeps partial downloads in `parts.<fingerprint>/`, and
    leaves what is ready to commit in `out/`. `min_free_bytes` must stay free on its file system.
    `beside` fetches what lies beside the media; `have` names the parts that are on disk already
    (`captions:en`, `thumbnail`, `info_json`, `description`). `held` is how many videos a source is held to have.
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
    """One line of a listing, as cheap as the listing gives it."""

    video: str
    title: str | None = None
    duration_seconds: int | None = None
    channel_id: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class ListingSummary:
    """How a listing ended. Only a `complete` one may say what is no longer in a source.

    `short`: it came to its own end, below YouTube's count, which includes videos that it hides. `partial`: it was
    cut. `unchanged`: the first page and the count are those of `Job.known`; the lines were not read again.
    """

    completeness: Literal["complete", "short", "partial", "unchanged"]
    expected: int | None
    got: int
    title: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """What became of a part beside the media: `captions:en`, `thumbnail`. `absent`: it is not offered now."""

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
    """How a job ended. `files` lie in `out/` of the staging folder, verified, hashed and under their final names."""

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


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens during a job.

    `progress`: data {phase, done_bytes, total_bytes?, bytes_per_second?, eta_seconds?} ·
    `entries`: data {videos: [ListedVideo as JSON, at most 500]} · `log`: data {level, text} ·
    `heartbeat`: data {}.
    """

    job: str
    sequence: int
    kind: str
    data: dict[str, Any] = field(default_factory=dict)
